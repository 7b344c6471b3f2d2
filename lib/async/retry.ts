/** Repeats a call that fails for a reason outside this process. */

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

export interface RetryLimits {
  readonly clock: Pick<Clock, "monotonic" | "sleep">;
  readonly signal: AbortSignal;
  readonly withinMs: number;
  readonly everyMs: number;
}

/**
 * Repeats `work` every `everyMs` until it resolves, for something that is about to start.
 *
 * @throws the signal's reason on abort, and the last error of `work` after `withinMs`.
 */
export async function retryWithin<T>(
  work: () => Promise<T>,
  { clock, signal, withinMs, everyMs }: RetryLimits,
): Promise<T> {
  const end = clock.monotonic() + withinMs;
  while (true) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (clock.monotonic() >= end) throw error;
    }
    await clock.sleep(everyMs, signal);
  }
}
