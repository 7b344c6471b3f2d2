/** How the page of a run explains the reason. */

import assert from "node:assert/strict";
import { MACHINE } from "../../../../control_plane/store/mod.ts";
import { RUN_REASONS, type RunReason } from "../../../../lib/contract/run.ts";
import { partsOf, wordsOf } from "../../../fakes/control_plane/html.ts";
import { testPages } from "../../../fakes/control_plane/pages.ts";

const AGENTS = "/settings/agents";

/** Returns the text of a run's page for each reason. */
async function toldOf(reasons: readonly RunReason[]): Promise<ReadonlyMap<RunReason, string>> {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const { id } = await pages.addJob();
  const browser = await pages.signedIn("member");
  const told = new Map<RunReason, string>();
  for (const reason of reasons) {
    const { run } = await pages.store.runs.trigger(id, { source: "manual" }, MACHINE);
    await pages.store.outbox.recordOutcome(run.id, {
      status: "failed",
      reason,
      phases: [],
      ended_at: "2026-01-01T00:10:00.000Z",
    });
    const [outcome = ""] = partsOf((await browser.get(`${AGENTS}/runs/${run.id}`)).text, "section");
    told.set(reason, outcome);
  }
  return told;
}

Deno.test("for every reason, a run's page says what happened and what to do next", async () => {
  const told = await toldOf(RUN_REASONS);
  const happenings = new Set<string>();
  for (const [reason, outcome] of told) {
    const headings = partsOf(outcome, "h2").map(wordsOf);
    assert.deepEqual(headings, ["What happened", "What to do next"], reason);
    const [happened = "", ...orders] = [...partsOf(outcome, "p"), ...partsOf(outcome, "li")]
      .map(wordsOf);
    happenings.add(happened);
    assert.ok(orders.length > 0, reason);
    for (const text of [happened, ...orders]) assert.match(text, /^[^`]+[.?]$/, reason);
  }
  assert.equal(happenings.size, RUN_REASONS.length, "no two reasons are told alike");
});

Deno.test("commands in the instructions are marked as code", async () => {
  const outcome = (await toldOf(["disk_pressure"])).get("disk_pressure") ?? "";
  assert.deepEqual(partsOf(outcome, "p|li").map(wordsOf), [
    "The host's disk is full.",
    "Find what uses the space: df -h and docker system df on the host.",
    "Remove old images: docker image prune . Then run the job again.",
  ]);
  assert.deepEqual(partsOf(outcome, "code"), [
    "<code>df -h</code>",
    "<code>docker system df</code>",
    "<code>docker image prune</code>",
  ]);
});
