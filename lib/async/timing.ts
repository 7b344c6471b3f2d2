/** Pauses and deadlines, built on the timers of a clock. */

import type { Clock } from "../ports.ts";
import { anySignal } from "./abort.ts";

/**
 * Makes a clock's `sleep` from its `after`: it resolves after `ms` milliseconds, or rejects with the
 * signal's reason as soon as the signal aborts.
 */
export function sleepBy(after: Clock["after"]): Clock["sleep"] {
  return (ms, signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const stop = () => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = after(ms, () => {
        signal?.removeEventListener("abort", stop);
        resolve();
      });
      signal?.addEventListener("abort", stop, { once: true });
    });
}

/** The reason of the abort when the deadline has passed. */
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
