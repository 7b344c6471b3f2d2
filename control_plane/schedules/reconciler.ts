/** Keeps Temporal's schedules what the jobs say, whoever changes either, and whenever Temporal is there. */

import { anySignal } from "../../lib/async/any_signal.ts";
import type { Schedule } from "../../lib/contract/schedules/schedule.ts";
import { orAbort } from "../../lib/async/or_abort.ts";
import type { Clock } from "../../lib/ports.ts";
import { forEachOf } from "../../lib/async/for_each_concurrently.ts";
import { onceAStreak } from "../../lib/async/log_state_changes.ts";
import type { ScheduleChange, ScheduleStore } from "../store/mod.ts";
import { createStrayLook, type StrayNeeds } from "./drift.ts";

export interface ScheduleKeeperNeeds extends StrayNeeds {
  readonly schedules: Pick<ScheduleStore, "changes" | "settle" | "wanted" | "jobs">;
  readonly temporal: StrayNeeds["temporal"] & {
    /** Makes a schedule what `wanted` says; answers whether it was so already. */
    converge(jobId: string, wanted: () => Promise<Schedule | null>): Promise<boolean>;
  };
  readonly clock: Clock;
}

export interface ScheduleKeeper {
  /** A schedule may have changed: looks at once instead of within 2 s. */
  wake(): void;
  /** Keeps them until the signal aborts, then resolves; to be called once. */
  run(signal: AbortSignal): Promise<void>;
}

const SCAN_EVERY_MS = 2_000;
/** What was changed from outside is noticed later, as asking costs Temporal more than a change does. */
const LOOK_EVERY_MS = 60_000;
const BATCH = 100;

const WORDS = {
  failing: "schedules cannot be brought to temporal, trying on",
  well: "schedules are brought to temporal again",
};

export function createScheduleKeeper(needs: ScheduleKeeperNeeds): ScheduleKeeper {
  const { schedules, clock } = needs;
  const warnOnce = onceAStreak(needs.log, WORDS);
  const look = createStrayLook(needs, converge);
  let pause = new AbortController();

  async function run(signal: AbortSignal): Promise<void> {
    let lookAt = clock.monotonic();
    while (!signal.aborted) {
      // Made before the scan, so that a wake during the scan leads to another one.
      pause = new AbortController();
      const errors = await scan(signal).catch((error: unknown) => [error]);
      if (errors.length === 0 && clock.monotonic() >= lookAt) {
        errors.push(...await look(signal).catch((error: unknown) => [error]));
        lookAt = clock.monotonic() + LOOK_EVERY_MS;
      }
      if (!signal.aborted) warnOnce(errors);
      using woken = anySignal(signal, pause.signal);
      await clock.sleep(SCAN_EVERY_MS, woken.signal).catch(() => {});
    }
  }

  async function scan(signal: AbortSignal): Promise<unknown[]> {
    const changes = await schedules.changes(BATCH);
    const failed = await forEachOf(changes, signal, carryOver);
    return [...failed.values()];
  }

  /** Settled only once Temporal says itself that it has the change: it may drop one without a word. */
  async function carryOver(change: ScheduleChange, signal: AbortSignal): Promise<void> {
    const { job_id } = change;
    const isDone = await converge(job_id, signal) || await converge(job_id, signal);
    if (isDone) await schedules.settle(change);
  }

  function converge(jobId: string, signal: AbortSignal): Promise<boolean> {
    return orAbort(needs.temporal.converge(jobId, () => schedules.wanted(jobId)), signal);
  }

  return { wake: () => pause.abort(), run };
}
