/** Waits for real things: a poll with a limit, and a timer that can be cleared. */

/** Starts a timer whose `done` resolves after `ms`. Disposing clears it. */
export function delay(ms: number): { readonly done: Promise<void> } & AsyncDisposable {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  return {
    done: promise,
    [Symbol.asyncDispose]() {
      clearTimeout(timer);
      return Promise.resolve();
    },
  };
}

export interface WaitOptions {
  /** The awaited thing, as the end of "Waited 120 s for …". */
  readonly what: string;
  /** Default 120,000, because a busy machine takes half a minute to start a program. */
  readonly timeoutMs?: number;
  /** Default 100. */
  readonly intervalMs?: number;
  /** Adds facts to the error, such as the last lines of a log. */
  readonly explain?: () => Promise<string>;
}

/** Polls until `probe` returns a value. @throws with the text of `explain` when the time is over. */
export async function waitFor<T>(
  probe: () => Promise<T | undefined>,
  options: WaitOptions,
): Promise<T> {
  const { what, timeoutMs = 120_000, intervalMs = 100, explain } = options;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (performance.now() > deadline) break;
    await delay(intervalMs).done;
  }
  const why = explain ? `\n${await explain()}` : "";
  throw new Error(`Waited ${timeoutMs / 1000} s for ${what}${why}`);
}

/** Polls until `isSo` holds. @throws when the time is over. */
export async function until(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
  await waitFor(async () => await isSo() || undefined, { what, intervalMs: 20 });
}
