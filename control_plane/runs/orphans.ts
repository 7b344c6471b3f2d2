/** Ends runs whose workflow is gone: terminated by hand, or lost with Temporal's database. */

import { orAbort } from "../../lib/async/abort.ts";
import type { RunOutcome } from "../../lib/contract/run.ts";
import type { Clock, Log } from "../../lib/ports.ts";
import { reasonOf } from "../../lib/problems/problem.ts";
import type { RunOutbox } from "../store/mod.ts";

export interface OrphanNeeds {
  readonly outbox: Pick<RunOutbox, "underWay" | "recordOutcome">;
  readonly workflows: {
    /** Rejects if Temporal does not answer; only an answer may end a run. */
    isClosed(runId: string): Promise<boolean>;
  };
  readonly clock: Clock;
  readonly log: Log;
}

/** Where a scan starts, as in {@linkcode RunOutbox.underWay}; "" is the first run. */
export interface LookOptions {
  readonly after: string;
  readonly signal: AbortSignal;
}

export interface Look {
  /** Where the next scan starts. */
  readonly after: string;
  /** How many runs Temporal answered for. */
  readonly answered: number;
  /** Why the scan ended early; absent if it did not. */
  readonly error?: unknown;
}

const BATCH = 100;
const LOOK_EVERY_MS = 60_000;
/** Pause between batches: 1,000 runs take some minutes, a negligible load for Temporal. */
const NEXT_BATCH_MS = 15_000;

/** Scans every minute until the signal aborts, then resolves. The first scan is a minute from now. */
export async function watchOrphans(needs: OrphanNeeds, signal: AbortSignal): Promise<void> {
  const { clock, log } = needs;
  let after = "";
  let isFailing = false;
  while (!signal.aborted) {
    await clock.sleep(after === "" ? LOOK_EVERY_MS : NEXT_BATCH_MS, signal).catch(() => {});
    if (signal.aborted) return;
    const look = await findOrphans(needs, { after, signal })
      .catch((error: unknown): Look => ({ after: "", answered: 0, error }));
    after = look.after;
    if (signal.aborted) return;
    if ("error" in look) {
      if (!isFailing) log("warn", UNANSWERED, { error: reasonOf(look.error) });
      isFailing = true;
    } else if (isFailing && look.answered > 0) {
      log("info", ANSWERED);
      isFailing = false;
    }
  }
}

const UNANSWERED = "cannot ask temporal for the workflows of runs, retrying";
const ANSWERED = "temporal answers for the workflows of runs again";

/**
 * Checks the workflows of one batch of runs, one after the other, and ends each run whose workflow is
 * gone. The first failure ends the scan; the next scan starts after that run, so that it blocks no other.
 */
export async function findOrphans(
  { outbox, workflows, clock, log }: OrphanNeeds,
  { after, signal }: LookOptions,
): Promise<Look> {
  const runs = await outbox.underWay(after, BATCH);
  let answered = 0;
  for (const { run_id, job_id } of runs) {
    try {
      const isClosed = await orAbort(workflows.isClosed(run_id), signal);
      answered++;
      if (!isClosed) continue;
      // If the run ended since the rows were read, its recorded outcome wins.
      await outbox.recordOutcome(run_id, abandoned(clock));
      log("info", "ended a run whose workflow is gone", { run_id });
    } catch (error) {
      return { after: job_id, answered, error };
    }
  }
  const last = runs.at(-1);
  return { after: runs.length === BATCH && last ? last.job_id : "", answered };
}

/**
 * The outcome of a run whose workflow is gone. A workflow records its run's outcome before it ends, so
 * this one was ended from outside and nothing else will free the job. A recorded outcome wins.
 */
export function abandoned(clock: Clock): RunOutcome {
  return {
    status: "failed",
    reason: "host_lost",
    message: "Temporal no longer has this run's workflow, and how the run ended is not known. " +
      "A container that still runs is stopped by its host within a minute",
    phases: [],
    ended_at: clock.now().toISOString(),
  };
}
