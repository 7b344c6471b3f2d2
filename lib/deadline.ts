/** Bounds a wait: for calls that answer at once or are broken. */

import { anySignal } from "./any_signal.ts";
import type { Clock } from "./ports.ts";

/** The reason of the abort when the time was up. */
export class DeadlineExceeded extends Error {
  override readonly name = "DeadlineExceeded";

  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
  }
}

/** Made once: an abort without a reason makes an exception with its stack, which is most of its cost. */
const DONE = new Error("done in time");

export interface Deadline {
  readonly ms: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `work` with a signal that aborts with the caller's reason, or with a
 * {@linkcode DeadlineExceeded} after `ms`.
 */
export async function withDeadline<T>(
  clock: Clock,
  { ms, signal }: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const done = new AbortController();
  const late = new AbortController();
  const timer = clock.sleep(ms, done.signal).then(
    () => late.abort(new DeadlineExceeded(ms)),
    () => {}, // woken because the work is done
  );
  using either = anySignal(signal, late.signal);
  try {
    return await work(either.signal);
  } finally {
    done.abort(DONE);
    await timer;
  }
}
