/** Joins, awaits and obeys abort signals, and names the reason of an abort that a person asked for. */

export interface AnySignal extends Disposable {
  /** Aborts with the reason of the first source that aborts. */
  readonly signal: AbortSignal;
}

/**
 * Joins the sources until it is disposed. `AbortSignal.any` cannot be used: on Deno 2.7.11 it is
 * garbage-collected while listeners still wait for it. A source keeps a reference to the joined
 * signal, so dispose it when a source lives as long as the process.
 */
export function anySignal(...sources: readonly (AbortSignal | undefined)[]): AnySignal {
  const joined = new AbortController();
  const known = sources.filter((source) => source !== undefined);
  const leave = () => {
    for (const source of known) source.removeEventListener("abort", follow);
  };
  const follow = (event: Event) => {
    leave();
    joined.abort(event.target instanceof AbortSignal ? event.target.reason : undefined);
  };
  const aborted = known.find((source) => source.aborted);
  if (aborted) joined.abort(aborted.reason);
  else for (const source of known) source.addEventListener("abort", follow, { once: true });
  return { signal: joined.signal, [Symbol.dispose]: leave };
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true })
  );
}

/**
 * Settles like `work`, or rejects with the signal's reason as soon as it aborts. It is for work that
 * cannot be aborted: that work continues, and its result is ignored.
 */
export async function orAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => {});
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const stop = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** The reason of an abort by SIGINT or SIGTERM: the operator or the service manager ends the process. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  readonly signalName: "SIGINT" | "SIGTERM";

  constructor(signalName: "SIGINT" | "SIGTERM") {
    super(`stopped by ${signalName}`);
    this.signalName = signalName;
  }
}
