/** Tries again until it works: for what another part of the system must mend. */

import type { Clock } from "../../lib/ports.ts";

const FIRST_MS = 200;
const LONGEST_MS = 5_000;

export interface RetryOptions {
  readonly clock: Pick<Clock, "sleep">;
  readonly signal: AbortSignal;
  /** Called after each failure; throws to give up, with whatever it throws. */
  readonly onFailure: (error: unknown) => void;
}

/** Repeats `work` after 0.2, 0.4, … 5 s until it resolves. Rejects with the signal's reason on abort. */
export async function retryWithBackoff<T>(
  work: () => Promise<T>,
  { clock, signal, onFailure }: RetryOptions,
): Promise<T> {
  for (let pause = FIRST_MS;; pause = Math.min(pause * 2, LONGEST_MS)) {
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
