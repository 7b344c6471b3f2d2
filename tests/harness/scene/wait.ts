/** Waiting for real things: a bounded poll, and a timer that is put away when it loses its race. */

/** A timer whose `done` resolves after `ms`; disposing it clears it. */
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
  /** What is waited for, as the end of "waited 120 s for …". */
  readonly what: string;
  /** Default 120,000, as a busy machine takes half a minute to start a program. */
  readonly timeoutMs?: number;
  /** Default 100. */
  readonly intervalMs?: number;
  /** Evaluated for the error, such as the last lines of a log. */
  readonly explain?: () => Promise<string>;
}

/** Polls until `probe` answers something; rejects, with `explain`'s text, when it never does. */
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
