/** Joins abort signals. On Deno 2.7.11 `AbortSignal.any` is collected while listeners still wait for it. */

export interface AnySignal extends Disposable {
  /** Aborts with the reason of the first of its sources that does. */
  readonly signal: AbortSignal;
}

/**
 * Joins the sources until it is disposed. A source holds on to what was joined, so one that lives as
 * long as the process needs the disposal.
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
