/** Repeats a call that fails for a reason outside this process, with exponential backoff. */

import type { Clock } from "../ports.ts";

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

export interface RetryOptions {
  readonly clock: Pick<Clock, "sleep">;
  readonly signal: AbortSignal;
  /** Called after each failure. Throws to give up. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Repeats `work` after pauses of 0.2, 0.4, … 5 s until it resolves.
 *
 * @throws the signal's reason on abort, and whatever `onFailure` throws.
 */
export async function retryWithBackoff<T>(
  work: () => Promise<T>,
  { clock, signal, onFailure }: RetryOptions,
): Promise<T> {
  for (let pause = FIRST_PAUSE_MS;; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      onFailure(error);
    }
    await clock.sleep(pause, signal);
  }
}
