/** Ends runs whose workflow was ended from outside: terminated by hand, or lost with Temporal's store. */

import { orAbort } from "../../lib/async/or_abort.ts";
import type { Clock, Log } from "../../lib/ports.ts";
import { reasonOf } from "../../lib/problems/problem.ts";
import { abandoned } from "./abandoned.ts";
import type { RunOutbox } from "../store/mod.ts";

export interface OrphanNeeds {
  readonly outbox: Pick<RunOutbox, "underWay" | "recordOutcome">;
  readonly workflows: {
    /** Rejects when Temporal has not answered: only an answer ends a run. */
    isClosed(runId: string): Promise<boolean>;
  };
  readonly clock: Clock;
  readonly log: Log;
}

/** Where a look begins, as in {@linkcode RunOutbox.underWay}; "" is the beginning. */
export interface LookOptions {
  readonly after: string;
  readonly signal: AbortSignal;
}

export interface Look {
  /** Where the next look begins. */
  readonly after: string;
  /** For how many runs Temporal has answered. */
  readonly answered: number;
  /** Why this one ended early. */
  readonly error?: unknown;
}

const BATCH = 100;
const LOOK_EVERY_MS = 60_000;
/** While there are more: 1,000 runs are gone through in some minutes, and Temporal hardly notices. */
const NEXT_BATCH_MS = 15_000;

/** Looks until the signal aborts, then resolves; the first look is a minute from now. */
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

const UNANSWERED = "temporal cannot be asked whether it still has a run's workflow, trying on";
const ANSWERED = "temporal answers for the workflows of runs again";

/**
 * Asks for the workflows of some runs, one after the other, and ends each run whose workflow is gone.
 * The first failure ends the look; the next look goes on after that run, so that it bars no other.
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
      // It may have ended since the rows were read, with an outcome: that one was first, and holds.
      await outbox.recordOutcome(run_id, abandoned(clock));
      log("info", "the workflow of a run is gone", { run_id });
    } catch (error) {
      return { after: job_id, answered, error };
    }
  }
  const last = runs.at(-1);
  return { after: runs.length === BATCH && last ? last.job_id : "", answered };
}
