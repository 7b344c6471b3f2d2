/** Bounds a wait: for calls that answer at once or are broken. */

import { anySignal } from "./any_signal.ts";
import type { Clock } from "../ports.ts";

/** The reason of the abort when the time was up. */
export class DeadlineExceeded extends Error {
  override readonly name = "DeadlineExceeded";

  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
  }
}

export interface Deadline {
  readonly ms: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `work` with a signal that aborts with the caller's reason, or with a
 * {@linkcode DeadlineExceeded} after `ms`.
 */
export async function withDeadline<T>(
  clock: Pick<Clock, "after">,
  { ms, signal }: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const done = clock.after(ms, () => late.abort(new DeadlineExceeded(ms)));
  using either = anySignal(signal, late.signal);
  try {
    return await work(either.signal);
  } finally {
    done();
  }
}
