/** Fire times that reach the store late, after an outage or after an edit of the job. */

import assert from "node:assert/strict";
import { MACHINE, type Store } from "../../../../control_plane/store/mod.ts";
import type { JobBody } from "../../../../lib/contract/job.ts";
import type { Schedule } from "../../../../lib/contract/schedules/schedule.ts";
import { testStore } from "../../../harness/databases/test_store.ts";
import { type ManualClock, manualClock } from "../../../fakes/system/clock.ts";
import { NIGHTLY, storedJob } from "../../../fakes/control_plane/stored_job.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAILY: Schedule = {
  cron: "0 6 * * *",
  time_zone: "UTC",
  paused: false,
  catch_up_seconds: 3_600,
};

interface Scheduled extends AsyncDisposable {
  readonly clock: ManualClock;
  edit(change: Partial<JobBody>): Promise<void>;
  /** Fires a time and returns its outcome. A run that it starts is canceled at once. */
  fire(fireTime: string): Promise<string>;
  /** Returns the skips, newest first, each with its reason and its time. */
  skips(): Promise<string[]>;
}

async function scheduled(schedule: Schedule = DAILY): Promise<Scheduled> {
  const clock = manualClock();
  const store = await testStore(clock);
  const { id } = await storedJob(store);
  const edit = async (change: Partial<JobBody>) => {
    const { name, host_id, parameters, run_limit_seconds, schedule } = await store.jobs.get(id);
    const body = { ...NIGHTLY, name, host_id, parameters, run_limit_seconds, schedule, ...change };
    await store.jobs.update(id, () => body as JobBody, MACHINE);
  };
  await edit({ schedule });
  return {
    clock,
    edit,
    fire: (fireTime) => fired(store, { id, fireTime }),
    async skips() {
      const { entries } = await store.history.of(id, { limit: 100 });
      return entries.flatMap((entry) =>
        entry.kind === "skip" ? [`${entry.skip.reason} ${entry.skip.fire_time}`] : []
      );
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

async function fired(store: Store, { id, fireTime }: { id: string; fireTime: string }) {
  const result = await store.schedules.fire(id, fireTime);
  if (result.outcome === "queued") await store.runs.cancel(result.run.id, MACHINE);
  return result.outcome;
}

Deno.test("missed fire times of a job that is renamed after an outage are recorded", async () => {
  await using job = await scheduled();
  assert.equal(await job.fire("2026-01-01T06:00:00.000Z"), "queued");
  job.clock.advance(3 * DAY_MS);
  await job.edit({ name: "renamed" });
  assert.equal(await job.fire("2026-01-04T06:00:00.000Z"), "queued");
  assert.deepEqual(await job.skips(), ["missed 2026-01-02T06:00:00.000Z"]);
});

Deno.test("times before the last change of the schedule are not recorded as missed", async () => {
  await using job = await scheduled();
  assert.equal(await job.fire("2026-01-01T06:00:00.000Z"), "queued");
  job.clock.advance(3 * DAY_MS);
  await job.edit({ schedule: { ...DAILY, cron: "0 12 * * *" } });
  await job.edit({ name: "renamed" });
  job.clock.advance(2 * DAY_MS);
  assert.equal(await job.fire("2026-01-06T12:00:00.000Z"), "queued");
  assert.deepEqual(await job.skips(), ["missed 2026-01-04T12:00:00.000Z"]);
});

Deno.test("a late fire time of a schedule that was changed meanwhile is ignored", async () => {
  await using job = await scheduled();
  job.clock.advance(6 * HOUR_MS);
  await job.edit({ schedule: { ...DAILY, cron: "30 7 * * *" } });
  job.clock.advance(5 * 60_000);
  assert.equal(await job.fire("2026-01-01T06:00:00.000Z"), "off");
  assert.equal(await job.fire("2026-01-01T07:30:00.000Z"), "queued");
  await job.edit({ schedule: { ...DAILY, cron: "30 7 * * *", catch_up_seconds: 60 } });
  assert.equal(await job.fire("2026-01-02T07:30:00.000Z"), "queued");
  await job.edit({ schedule: { ...DAILY, cron: "30 7 * * *", time_zone: "Europe/Berlin" } });
  assert.equal(await job.fire("2026-01-03T07:30:00.000Z"), "off");
  assert.equal(await job.fire("2026-01-03T06:30:00.000Z"), "queued");
  assert.deepEqual(await job.skips(), []);
});

Deno.test("around clock changes only fire times of the schedule are accepted, and a repeated hour fires twice", async () => {
  const berlin = { ...DAILY, cron: "30 1-3 * * *", time_zone: "Europe/Berlin" };
  await using job = await scheduled(berlin);
  // Fire times are checked only within a day after an edit.
  const outcomesOf = async (change: Partial<Schedule>, times: readonly string[]) => {
    await job.edit({ schedule: { ...berlin, ...change } });
    const outcomes = [];
    for (const time of times) outcomes.push(await job.fire(`2026-${time}:00.000Z`));
    return outcomes;
  };
  job.clock.advance(Date.parse("2026-03-28T12:00:00Z") - job.clock.now().getTime());
  assert.deepEqual(
    await outcomesOf({ catch_up_seconds: 60 }, ["03-29T00:30", "03-29T01:30", "03-29T02:30"]),
    ["queued", "queued", "off"],
  );
  job.clock.advance(Date.parse("2026-10-24T12:00:00Z") - job.clock.now().getTime());
  const autumn = ["10-24T23:30", "10-25T00:30", "10-25T01:30", "10-25T02:30", "10-25T03:30"];
  assert.deepEqual(
    await outcomesOf({ catch_up_seconds: 90 }, autumn),
    ["queued", "queued", "queued", "queued", "off"],
  );
});

// Temporal may know newer rules of a time zone.
Deno.test("a day after the last change every fire time from Temporal is accepted", async () => {
  await using job = await scheduled();
  job.clock.advance(DAY_MS + 1);
  assert.equal(await job.fire("2026-01-02T05:00:00.000Z"), "queued");
});
