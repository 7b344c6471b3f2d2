/** The page of the audit list: the links of its entries, and its filters. */

import assert from "node:assert/strict";
import { MACHINE } from "../../../../control_plane/store/mod.ts";
import { testPages } from "../../../fakes/control_plane/pages.ts";

const AUDIT = "/settings/audit";
const AGENTS = "/settings/agents";

Deno.test("an entry links to its target, unless the target was removed", async () => {
  await using pages = await testPages();
  const { store, clock } = pages;
  const tick = () => clock.advance(1_000);
  tick();
  await pages.addHost("h-1");
  tick();
  const job = await pages.addJob();
  tick();
  const { run } = await store.runs.trigger(job.id, { source: "manual" }, MACHINE);
  tick();
  await store.runs.cancel(run.id, MACHINE);
  tick();
  await store.jobs.remove(job.id, MACHINE);
  tick();
  await store.hosts.remove("h-1", MACHINE);
  const { text } = await (await pages.signedIn("admin")).get(AUDIT);
  const entries = [...text.matchAll(/<th role="rowheader".*?<\/th>/gs)].map(([lead]) => [
    lead.replaceAll(/<[^>]+>/g, ""),
    /href="([^"]+)"/.exec(lead)?.[1],
  ]);
  assert.deepEqual(entries.slice(0, 6), [
    ["Removed host h-1", undefined],
    ["Deleted job nightly", undefined],
    ["Canceled run of nightly", `${AGENTS}/runs/${run.id}`],
    ["Triggered run of nightly", `${AGENTS}/runs/${run.id}`],
    ["Created job nightly", `${AGENTS}/jobs/${job.id}`],
    ["Registered host h-1", `${AGENTS}/hosts/h-1`],
  ]);
});

Deno.test("the user filter of the audit list takes only exact names, and its label says so", async () => {
  await using pages = await testPages();
  const browser = await pages.signedIn("admin");
  const shown = async (actor: string) => {
    const { text } = await browser.get(`${AUDIT}?actor=${encodeURIComponent(actor)}`);
    return [
      /<label for="filter-actor">([^<]+)/.exec(text)?.[1],
      (text.match(/<th role="rowheader"/g) ?? []).length > 0,
    ];
  };
  assert.deepEqual([await shown(MACHINE.name), await shown("control plane")], [
    ["User (exact name)", true],
    ["User (exact name)", false],
  ]);
});
