/** Leaves a wait when a signal aborts: for calls of libraries that know no signal. */

import { aborted, anySignal } from "./any_signal.ts";

/** Settles as `work` does, or rejects with the signal's reason; what `work` comes to then is nobody's. */
export async function unlessAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  using leaving = anySignal(signal);
  const left = aborted(leaving.signal).then(() => Promise.reject(signal.reason));
  return await Promise.race([work(), left]);
}
