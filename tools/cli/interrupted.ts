/** Ctrl-C in the middle of real things: the work is given up, and everything is put away all the same. */

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
/** As in a shell, and as in the product. */
export const INTERRUPTED_EXIT = 130;

/** The person who started a verb wants it to end. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";

  constructor() {
    super("Stopped before the end; putting everything away");
  }
}

let heard = false;
const interruption = Promise.withResolvers<never>();
interruption.promise.catch(() => {}); // it may arrive when no caller awaits it

/** From now on a first signal is heard by the functions below; a second one ends the process at once. */
export function heedInterrupts(): void {
  const hear = () => {
    if (heard) Deno.exit(INTERRUPTED_EXIT);
    heard = true;
    interruption.reject(new Interrupted());
  };
  for (const signal of SIGNALS) Deno.addSignalListener(signal, hear);
}

/** Whether a signal was heard: what fails then may have failed of it, as children get Ctrl-C as well. */
export function wasInterrupted(): boolean {
  return heard;
}

/** Answers what `work` does. @throws {Interrupted} as soon as a signal comes; `work` is left. */
export function orInterrupted<T>(work: Promise<T>): Promise<T> {
  return Promise.race([work, interruption.promise]);
}

/** As {@linkcode orInterrupted}, but what `opening` still opens then is put away first. */
export async function openedOrInterrupted<T extends AsyncDisposable>(
  opening: Promise<T>,
): Promise<T> {
  try {
    return await orInterrupted(opening);
  } catch (error) {
    const opened = await opening.catch(() => undefined);
    await opened?.[Symbol.asyncDispose]();
    throw error;
  }
}
