/** The texts of a job's page and form, word for word. */

import assert from "node:assert/strict";
import { MACHINE } from "../../../../control_plane/store/mod.ts";
import { partsOf, wordsOf } from "../../../fakes/control_plane/html.ts";
import { testPages } from "../../../fakes/control_plane/pages.ts";

const AGENTS = "/settings/agents";
const MINUTE_MS = 60_000;

const tableOf = (html: string): readonly (readonly string[])[] =>
  partsOf(html, "tr").map((row) => partsOf(row, "th|td").map(wordsOf));

Deno.test("a job's history shows when each run was triggered and started, and the skipped times", async () => {
  await using pages = await testPages();
  const { store, clock } = pages;
  await pages.addHost("h-1");
  const job = await pages.addJob({
    schedule: { cron: "0 * * * *", time_zone: "UTC", paused: false, catch_up_seconds: 600 },
  });
  const { run: unheard } = await store.runs.trigger(job.id, { source: "manual" }, MACHINE);
  await store.outbox.recordOutcome(unheard.id, {
    status: "failed",
    reason: "host_unavailable",
    phases: [],
    ended_at: "2026-01-01T00:30:00.000Z",
  });
  clock.advance(60 * MINUTE_MS);
  const fired = await store.schedules.fire(job.id, "2026-01-01T01:00:00.000Z");
  const runId = fired.outcome === "queued" ? fired.run.id : "";
  await store.outbox.claim([runId]);
  const began = "2026-01-01T01:05:00.000Z";
  await store.outbox.recordPhases(runId, [{ phase: "running", at: began }]);
  clock.advance(60 * MINUTE_MS);
  await store.schedules.fire(job.id, "2026-01-01T02:00:00.000Z");

  const { text } = await (await pages.signedIn("member")).get(`${AGENTS}/jobs/${job.id}`);
  assert.deepEqual(tableOf(text), [
    ["Triggered", "Started", "Status", "Trigger", "Host", "Duration", "Actions"],
    [
      "1 Jan 2026, 02:00 UTC",
      "",
      `Skipped Cannot trigger job "nightly": its run " ${runId} " is still active`,
      "Schedule",
      "",
      "",
      "",
    ],
    [
      "1 Jan 2026, 01:00 UTC",
      "1 Jan 2026, 01:05 UTC",
      "Running",
      "Schedule",
      "h-1",
      "55 min",
      "",
    ],
    [
      "1 Jan 2026, 00:00 UTC",
      "–",
      "Failed The host did not take the run in time",
      "Manual",
      "h-1",
      "–",
      "",
    ],
  ]);
});

Deno.test("a job's page shows the catch-up window only with a schedule", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const hourly = { cron: "0 * * * *", time_zone: "UTC", paused: false, catch_up_seconds: 600 };
  const browser = await pages.signedIn("member");
  const facts = async (schedule: typeof hourly | null) => {
    const { id } = await pages.addJob({ name: `${schedule?.cron}`, schedule });
    return partsOf((await browser.get(`${AGENTS}/jobs/${id}`)).text, "dl").map(wordsOf);
  };
  assert.deepEqual([await facts(hourly), await facts(null)], [
    [
      "Agent type Lineage Plus Host h-1 Connector types snowflake " +
      "Schedule Every hour at 00 past, UTC Next 1 Jan 2026, 01:00 UTC " +
      "Catch-up window 10 min Run limit 1 min Changed 1 Jan 2026, 00:00 UTC",
    ],
    [
      "Agent type Lineage Plus Host h-1 Connector types snowflake Schedule On demand " +
      "Run limit 1 min Changed 1 Jan 2026, 00:00 UTC",
    ],
  ]);
});

Deno.test("the form of a schedule says what happens to times that clock changes skip or repeat", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const browser = await pages.signedIn("admin");
  const { text } = await browser.get(`${AGENTS}/jobs/new?every=day&at=02:30`);
  const fireTimes = text.slice(text.indexOf('<div class="fire-times"'));
  assert.deepEqual(partsOf(fireTimes, "p").slice(0, 2).map(wordsOf), [
    "Next runs",
    "If the previous run is still active at one of these times, that run is skipped, and the job's history shows it. " +
    "When the clocks change, a time that is skipped in spring has no run that day, " +
    "and a time that occurs twice in autumn has two runs.",
  ]);
});

Deno.test("the form of a paused schedule shows no next runs", async () => {
  await using pages = await testPages();
  const browser = await pages.signedIn("admin");
  const { text } = await browser.get(`${AGENTS}/jobs/new?every=day&at=02:30&paused=yes`);
  const fireTimes = text.slice(text.indexOf('<div class="fire-times"'));
  const [label = "", times = ""] = partsOf(fireTimes, "p");
  assert.deepEqual([wordsOf(label), wordsOf(times), partsOf(fireTimes, "ol")], [
    "Next runs",
    "None while the schedule is paused.",
    [],
  ]);
});
