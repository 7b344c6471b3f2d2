/** Fire times that come to the store late, after an outage, or after somebody has edited the job. */

import assert from "node:assert/strict";
import { MACHINE, type Store } from "../../../control_plane/store/mod.ts";
import type { JobBody } from "../../../lib/contract/job.ts";
import type { Schedule } from "../../../lib/contract/schedule.ts";
import { testStore } from "../../databases/test_store.ts";
import { type ManualClock, manualClock } from "../../fakes/clock.ts";
import { NIGHTLY, storedJob } from "../../fakes/stored_job.ts";

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
  /** What becomes of a fire time; a run of it is over at once. */
  fire(fireTime: string): Promise<string>;
  /** The newest first, each as its reason and its time. */
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
  const come = await store.schedules.fire(id, fireTime);
  if (come.outcome === "queued") await store.runs.cancel(come.run.id, MACHINE);
  return come.outcome;
}

Deno.test("a job that is renamed after an outage still tells of the times that it missed", async () => {
  await using job = await scheduled();
  assert.equal(await job.fire("2026-01-01T06:00:00.000Z"), "queued");
  job.clock.advance(3 * DAY_MS);
  await job.edit({ name: "renamed" });
  assert.equal(await job.fire("2026-01-04T06:00:00.000Z"), "queued");
  assert.deepEqual(await job.skips(), ["missed 2026-01-02T06:00:00.000Z"]);
});

Deno.test("times before the last change of the schedule are not missed: it may not have named them", async () => {
  await using job = await scheduled();
  assert.equal(await job.fire("2026-01-01T06:00:00.000Z"), "queued");
  job.clock.advance(3 * DAY_MS);
  await job.edit({ schedule: { ...DAILY, cron: "0 12 * * *" } });
  await job.edit({ name: "renamed" });
  job.clock.advance(2 * DAY_MS);
  assert.equal(await job.fire("2026-01-06T12:00:00.000Z"), "queued");
  assert.deepEqual(await job.skips(), ["missed 2026-01-04T12:00:00.000Z"]);
});
