/** Repeats engine calls while the Docker Engine is down: only the engine knows what became of a container. */

import { retryWithBackoff } from "../../lib/async/retry.ts";
import { isTrouble } from "../../lib/docker/answers.ts";
import { reasonOf } from "../../lib/problems/problem.ts";
import { EngineDown } from "../outcome/host_outcome.ts";
import { GRACE_MS, type Run } from "./run.ts";

/** How long a run whose container was never started waits for the engine. */
const DOWN_BEFORE_START_MS = 60_000;
/** How long after its limit a started run still waits for the engine. */
const DOWN_AFTER_LIMIT_MS = 600_000;

export interface RetryOptions {
  readonly signal: AbortSignal;
  /** When the container started, if it did; ISO 8601. */
  readonly startedAt?: string | undefined;
}

/**
 * Repeats a call for as long as the engine does not answer.
 *
 * @throws EngineDown once the engine was down for too long, the signal's reason on abort, and any error
 * that is an answer of the engine.
 */
export async function retryWhileEngineDown<T>(
  run: Run,
  { signal, startedAt }: RetryOptions,
  call: () => Promise<T>,
): Promise<T> {
  const { clock, log } = run.needs;
  let since: number | undefined;
  const onFailure = (error: unknown) => {
    const begun = startedAt ?? run.journal.record.start_requested_at;
    // While an agent may be running, an internal error of the engine does not end the run either.
    const isDown = isTrouble(error, "docker_unavailable") ||
      (begun !== undefined && isTrouble(error, "docker_refused"));
    if (!isDown) throw error;
    if (since === undefined) {
      log("warn", "docker engine is down, retrying", { run_id: run.id, error: reasonOf(error) });
    }
    // Counted from the first failure: a pull or a wait may have worked for hours before it.
    since ??= clock.monotonic();
    const overdue = begun === undefined
      ? clock.monotonic() - since > DOWN_BEFORE_START_MS
      : clock.now().getTime() > Date.parse(begun) + longestRun(run);
    if (overdue) throw new EngineDown(error.message, { cause: error });
  };
  return await retryWithBackoff(call, { clock, signal, onFailure });
}

function longestRun({ order }: Run): number {
  return order.run_limit_seconds * 1_000 + GRACE_MS + DOWN_AFTER_LIMIT_MS;
}
