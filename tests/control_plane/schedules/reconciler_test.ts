/** The keeper of schedules, over a Temporal that is away, forgets, or is meddled with. */

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

/** Jobs and their schedules on our side, and Temporal's, which refuses its first `outages` calls. */
function keeping({ outages = 0, deaf = 0 } = {}) {
  const jobs = new Map<string, Schedule>();
  const temporals = new Map<string, Schedule>();
  const changes = new Map<string, string>();
  const log = eventLog();
  let left = outages;
  let unheard = deaf;
  const refuse = () => {
    if (left-- > 0) throw new Error("temporal is down");
  };
  const keeper = createScheduleReconciler({
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
        if ((temporals.get(jobId) ?? null) === should) return true;
        // It takes a change and drops it, as it does with one that conflicts.
        if (unheard-- > 0) return false;
        if (should) temporals.set(jobId, should);
        else temporals.delete(jobId);
        log.add(`wrote ${jobId}`);
        return false;
      },
      jobs() {
        refuse();
        return Promise.resolve(new Set(temporals.keys()));
      },
    },
    clock: virtualClock(),
    log: (level, message) => log.add(`${level} ${message}`),
  });
  const stop = new AbortController();
  const running = keeper.run(stop.signal);
  return {
    log,
    temporals,
    change(jobId: string, schedule: Schedule | null) {
      if (schedule) jobs.set(jobId, schedule);
      else jobs.delete(jobId);
      changes.set(jobId, crypto.randomUUID());
      keeper.wake();
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

Deno.test("a change is carried over, and settled once Temporal has it", async () => {
  await using kept = keeping();
  kept.change("a", DAILY);
  await kept.log.until("settled a");
  assert.deepEqual(kept.log.events, ["wrote a", "settled a"]);
  assert.deepEqual([...kept.temporals], [["a", DAILY]]);
});

Deno.test("a change that Temporal drops without a word is made again", async () => {
  await using kept = keeping({ deaf: 3 });
  kept.change("a", DAILY);
  await kept.log.until("settled a");
  assert.deepEqual(kept.log.events, ["wrote a", "settled a"]);
});

Deno.test("an outage delays changes, loses none, and is two lines of the log", async () => {
  await using kept = keeping({ outages: 5 });
  kept.change("a", DAILY);
  kept.change("b", DAILY);
  await Promise.all([kept.log.until("settled a"), kept.log.until("settled b")]);
  await kept.log.until("info brings schedules to temporal again");
  assert.deepEqual(kept.log.events.filter((event) => /^(warn|info)/.test(event)), [
    "warn cannot bring schedules to temporal, retrying",
    "info brings schedules to temporal again",
  ]);
});

Deno.test("a schedule that somebody deletes, changes or makes is put right within two minutes", async () => {
  await using kept = keeping();
  for (const job of ["a", "b"]) kept.change(job, DAILY);
  await Promise.all([kept.log.until("settled a"), kept.log.until("settled b")]);
  kept.temporals.delete("a");
  kept.temporals.set("b", { ...DAILY, paused: true });
  kept.temporals.set("c", DAILY);
  await kept.log.until("wrote c");
  await kept.log.until("info corrected a schedule in temporal that differed from its job");
  assert.deepEqual([...kept.temporals].toSorted(), [["a", DAILY], ["b", DAILY]]);
});
