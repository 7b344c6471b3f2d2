/** Waits out an engine that is away: what it says when it is back is the truth, and nothing else is. */

import { isTrouble } from "../../lib/docker/errors.ts";
import { reasonOf } from "../../lib/problems/problem.ts";
import { retryWithBackoff } from "./backoff.ts";
import { GRACE_MS, type Run } from "./run.ts";

/** A run that has not begun does not wait longer than this for its engine. */
const AWAY_BEFORE_START_MS = 60_000;
/** How long after its limit a run is still believed to be there with no engine to ask. */
const AWAY_AFTER_LIMIT_MS = 600_000;

/** The engine stayed away for too long; the run is answered without it. */
export class EngineDown extends Error {
  override readonly name = "EngineDown";
}

export interface DaemonOptions {
  readonly signal: AbortSignal;
  /** When the container began, if it did. */
  readonly startedAt?: string | undefined;
}

/** Repeats a call for as long as the engine does not answer. Rejects with {@linkcode EngineDown} at the bound. */
export async function retryWhileEngineDown<T>(
  run: Run,
  { signal, startedAt }: DaemonOptions,
  call: () => Promise<T>,
): Promise<T> {
  const { clock, log } = run.needs;
  let since: number | undefined;
  const onFailure = (error: unknown) => {
    const begun = startedAt ?? run.journal.record.start_requested_at;
    // An agent that may be running is not given up for an error inside the engine either.
    const isAway = isTrouble(error, "docker_unavailable") ||
      (begun !== undefined && isTrouble(error, "docker_refused"));
    if (!isAway) throw error;
    if (since === undefined) {
      log("warn", "Docker Engine away", { run_id: run.id, error: reasonOf(error) });
    }
    // From the first failure, as the call itself may have worked for long: a pull, a wait.
    since ??= clock.monotonic();
    const overdue = begun === undefined
      ? clock.monotonic() - since > AWAY_BEFORE_START_MS
      : clock.now().getTime() > Date.parse(begun) + longestStay(run);
    if (overdue) throw new EngineDown(error.message, { cause: error });
  };
  return await retryWithBackoff(call, { clock, signal, onFailure });
}

function longestStay({ order }: Run): number {
  return order.run_limit_seconds * 1_000 + GRACE_MS + AWAY_AFTER_LIMIT_MS;
}
