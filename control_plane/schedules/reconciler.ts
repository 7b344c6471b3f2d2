/** Reconciles Temporal's schedules with the jobs, after changes on either side. */

import { orAbort } from "../../lib/async/abort.ts";
import { forEachConcurrently } from "../../lib/async/for_each_concurrently.ts";
import { logStateChanges } from "../../lib/async/log_state_changes.ts";
import { createRounds } from "../../lib/async/rounds.ts";
import type { Schedule } from "../../lib/contract/schedules/schedule.ts";
import type { Clock, Log } from "../../lib/ports.ts";
import type { ScheduleChange, ScheduleStore } from "../store/mod.ts";

export interface ScheduleReconcilerNeeds extends DriftNeeds {
  readonly schedules: Pick<ScheduleStore, "changes" | "settle" | "wanted" | "jobs">;
  readonly temporal: DriftNeeds["temporal"] & {
    /** Makes a schedule what `wanted` returns. Resolves to whether it was so already. */
    converge(jobId: string, wanted: () => Promise<Schedule | null>): Promise<boolean>;
  };
  readonly clock: Clock;
}

export interface ScheduleReconciler {
  /** Reconciles changed schedules now instead of within 2 s. */
  wake(): void;
  /** Reconciles until the signal aborts, then resolves. Call it once. */
  run(signal: AbortSignal): Promise<void>;
}

const SCAN_EVERY_MS = 2_000;
/** Changes made in Temporal are found later, because asking costs Temporal more than a change does. */
const DRIFT_SCAN_EVERY_MS = 60_000;
const BATCH = 100;

const WORDS = {
  failing: "cannot bring schedules to temporal, retrying",
  well: "brings schedules to temporal again",
};

export function createScheduleReconciler(needs: ScheduleReconcilerNeeds): ScheduleReconciler {
  const { schedules, clock } = needs;
  const warnOnce = logStateChanges(needs.log, WORDS);
  const scanForDrift = createDriftScan(needs, converge);
  const { wake, run: repeat } = createRounds(clock);

  function run(signal: AbortSignal): Promise<void> {
    let driftScanAt = clock.monotonic();
    return repeat(async () => {
      const errors = await scan(signal).catch((error: unknown) => [error]);
      if (errors.length === 0 && clock.monotonic() >= driftScanAt) {
        errors.push(...await scanForDrift(signal).catch((error: unknown) => [error]));
        driftScanAt = clock.monotonic() + DRIFT_SCAN_EVERY_MS;
      }
      if (!signal.aborted) warnOnce(errors);
      return SCAN_EVERY_MS;
    }, signal);
  }

  async function scan(signal: AbortSignal): Promise<unknown[]> {
    const changes = await schedules.changes(BATCH);
    const failed = await forEachConcurrently(changes, signal, apply);
    return [...failed.values()];
  }

  /** Settles a change only after reading it back, because Temporal may drop an update silently. */
  async function apply(change: ScheduleChange, signal: AbortSignal): Promise<void> {
    const { job_id } = change;
    const isDone = await converge(job_id, signal) || await converge(job_id, signal);
    if (isDone) await schedules.settle(change);
  }

  function converge(jobId: string, signal: AbortSignal): Promise<boolean> {
    return orAbort(needs.temporal.converge(jobId, () => schedules.wanted(jobId)), signal);
  }

  return { wake, run };
}

export interface DriftNeeds {
  readonly schedules: Pick<ScheduleStore, "changes" | "jobs">;
  readonly temporal: {
    /** Returns the ids of the jobs that Temporal has a schedule for. */
    jobs(): Promise<ReadonlySet<string>>;
  };
  readonly log: Log;
}

type Converge = (jobId: string, signal: AbortSignal) => Promise<boolean>;

/** Ids per page: a few kilobytes. */
const PAGE = 1_000;
/** Schedules compared per scan, 7 ms each: each of 1,000 is compared every ten minutes. */
const COMPARED = 100;

/**
 * Creates a scan for schedules that were deleted, changed or created in Temporal by others, and for those
 * near the next clock change; the scan returns its errors. The list shows missing and surplus schedules at
 * once; the others are compared in turns.
 */
export function createDriftScan(
  { schedules, temporal, log }: DriftNeeds,
  converge: Converge,
): (signal: AbortSignal) => Promise<unknown[]> {
  let after = "";

  return async (signal) => {
    const [wanted, known] = [await allJobs(schedules), await temporal.jobs()];
    const drifted = wanted.symmetricDifference(known);
    const inTurn = await schedules.jobs(after, COMPARED);
    after = inTurn.length === COMPARED ? inTurn.at(-1) ?? "" : "";
    const failed = await forEachConcurrently([...drifted.union(new Set(inTurn))], signal, mend);
    return [...failed.values()];
  };

  async function mend(jobId: string, signal: AbortSignal): Promise<void> {
    if (await converge(jobId, signal)) return;
    // Not drift: the job itself was just changed.
    const due = await schedules.changes(PAGE);
    if (due.some(({ job_id }) => job_id === jobId)) return;
    log("info", "corrected a schedule in temporal that differed from its job", {
      job_id: jobId,
    });
  }
}

async function allJobs(schedules: DriftNeeds["schedules"]): Promise<Set<string>> {
  const jobs = new Set<string>();
  for (let after = "";;) {
    const page = await schedules.jobs(after, PAGE);
    for (const id of page) jobs.add(id);
    if (page.length < PAGE) return jobs;
    after = page.at(-1) ?? "";
  }
}
