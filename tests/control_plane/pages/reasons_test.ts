/** What the page of a run makes of the reason that it ended with. */

import assert from "node:assert/strict";
import { REASONS } from "../../../control_plane/pages/runs/reasons.ts";
import { MACHINE } from "../../../control_plane/store/mod.ts";
import { RUN_REASONS } from "../../../lib/contract/run.ts";
import { partsOf, wordsOf } from "../../fakes/html.ts";
import { testPages } from "../../fakes/pages.ts";

const AGENTS = "/settings/agents";

Deno.test("whatever the reason, a run's page tells what happened and what to do next", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const { id } = await pages.addJob();
  const browser = await pages.signedIn("member");
  for (const reason of RUN_REASONS) {
    const { run } = await pages.store.runs.trigger(id, { source: "manual" }, MACHINE);
    const ended_at = "2026-01-01T00:10:00.000Z";
    await pages.store.outbox.recordOutcome(run.id, {
      status: "failed",
      reason,
      phases: [],
      ended_at,
    });
    const [outcome = ""] = partsOf((await browser.get(`${AGENTS}/runs/${run.id}`)).text, "section");
    const { says, next } = REASONS[reason];
    assert.deepEqual(
      [...partsOf(outcome, "h2|p"), ...partsOf(outcome, "li")].map(wordsOf),
      [
        "What happened",
        `${says}.`,
        "What to do next",
        ...next.map((order) => order.replaceAll("`", " ").replaceAll(/\s+/g, " ").trim()),
      ],
      reason,
    );
    assert.notDeepEqual(next, []);
  }
});
