/** The reconciler of schedules, with a Temporal that is down, drops changes, or is changed by hand. */

import assert from "node:assert/strict";
import { createScheduleReconciler } from "../../../control_plane/schedules/reconciler.ts";
import type { Schedule } from "../../../lib/contract/schedules/schedule.ts";
import { eventLog } from "../../harness/time/event_log.ts";
import { virtualClock } from "../../fakes/system/virtual_clock.ts";

const DAILY: Schedule = {
  cron: "30 2 * * *",
  time_zone: "UTC",
  paused: false,
  catch_up_seconds: 60,
};

/** Runs a reconciler with a Temporal that refuses its first `outages` calls, then drops the first `drops` changes. */
function reconciling({ outages = 0, drops = 0 } = {}) {
  const jobs = new Map<string, Schedule>();
  const inTemporal = new Map<string, Schedule>();
  const changes = new Map<string, string>();
  const log = eventLog();
  let left = outages;
  let toDrop = drops;
  const refuse = () => {
    if (left-- > 0) throw new Error("temporal is down");
  };
  const reconciler = createScheduleReconciler({
    schedules: {
      changes: (limit) =>
        Promise.resolve(
          [...changes].slice(0, limit).map(([job_id, change_id]) => ({ job_id, change_id })),
        ),
      settle({ job_id, change_id }) {
        if (changes.get(job_id) === change_id) changes.delete(job_id);
        log.add(`settled ${job_id}`);
        return Promise.resolve();
      },
      wanted: (jobId) => Promise.resolve(jobs.get(jobId) ?? null),
      jobs: (after, limit) =>
        Promise.resolve([...jobs.keys()].toSorted().filter((id) => id > after).slice(0, limit)),
    },
    temporal: {
      async converge(jobId, wanted) {
        refuse();
        const should = await wanted();
        if ((inTemporal.get(jobId) ?? null) === should) return true;
        // Temporal accepts a change and drops it if it conflicts with another one.
        if (toDrop-- > 0) return false;
        if (should) inTemporal.set(jobId, should);
        else inTemporal.delete(jobId);
        log.add(`wrote ${jobId}`);
        return false;
      },
      jobs() {
        refuse();
        return Promise.resolve(new Set(inTemporal.keys()));
      },
    },
    clock: virtualClock(),
    log: (level, message) => log.add(`${level} ${message}`),
  });
  const stop = new AbortController();
  const running = reconciler.run(stop.signal);
  return {
    log,
    inTemporal,
    change(jobId: string, schedule: Schedule | null) {
      if (schedule) jobs.set(jobId, schedule);
      else jobs.delete(jobId);
      changes.set(jobId, crypto.randomUUID());
      reconciler.wake();
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

Deno.test("a change is written to Temporal, and settled when Temporal has it", async () => {
  await using kept = reconciling();
  kept.change("a", DAILY);
  await kept.log.until("settled a");
  assert.deepEqual(kept.log.events, ["wrote a", "settled a"]);
  assert.deepEqual([...kept.inTemporal], [["a", DAILY]]);
});

Deno.test("a change that Temporal drops silently is written again", async () => {
  await using kept = reconciling({ drops: 3 });
  kept.change("a", DAILY);
  await kept.log.until("settled a");
  assert.deepEqual(kept.log.events, ["wrote a", "settled a"]);
});

Deno.test("an outage delays changes and loses none, and is logged at its begin and its end only", async () => {
  await using kept = reconciling({ outages: 5 });
  kept.change("a", DAILY);
  kept.change("b", DAILY);
  await Promise.all([kept.log.until("settled a"), kept.log.until("settled b")]);
  await kept.log.until("info brings schedules to temporal again");
  assert.deepEqual(kept.log.events.filter((event) => /^(warn|info)/.test(event)), [
    "warn cannot bring schedules to temporal, retrying",
    "info brings schedules to temporal again",
  ]);
});

Deno.test("a schedule that is deleted, changed or created by hand in Temporal is corrected within two minutes", async () => {
  await using kept = reconciling();
  for (const job of ["a", "b"]) kept.change(job, DAILY);
  await Promise.all([kept.log.until("settled a"), kept.log.until("settled b")]);
  kept.inTemporal.delete("a");
  kept.inTemporal.set("b", { ...DAILY, paused: true });
  kept.inTemporal.set("c", DAILY);
  await kept.log.until("wrote c");
  await kept.log.until("info corrected a schedule in temporal that differed from its job");
  assert.deepEqual([...kept.inTemporal].toSorted(), [["a", DAILY], ["b", DAILY]]);
});
