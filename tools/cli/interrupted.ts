/** Handles Ctrl-C: the work stops, and everything that it started is still cleaned up. */

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
/** The exit code of shells and of the product. */
export const INTERRUPTED_EXIT = 130;

/** Thrown when the user has pressed Ctrl-C. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";

  constructor() {
    super("Stopped before the end; cleaning up");
  }
}

let interrupted = false;
const interruption = Promise.withResolvers<never>();
// Avoids an unhandled rejection when the signal comes while no caller awaits the promise.
interruption.promise.catch(() => {});

/** Listens for signals. The first one rejects the functions below, and the second one ends the process. */
export function heedInterrupts(): void {
  const onSignal = () => {
    if (interrupted) Deno.exit(INTERRUPTED_EXIT);
    interrupted = true;
    interruption.reject(new Interrupted());
  };
  for (const signal of SIGNALS) Deno.addSignalListener(signal, onSignal);
}

/** Tells whether a signal came. It may be the cause of any error, because child processes get Ctrl-C too. */
export function wasInterrupted(): boolean {
  return interrupted;
}

/**
 * Ends the child when a signal comes. A terminal sends Ctrl-C to it as well, but `kill` reaches this
 * process alone.
 */
export function endWhenInterrupted(child: Deno.ChildProcess): void {
  interruption.promise.catch(() => {
    try {
      child.kill("SIGINT");
    } catch {
      // It has ended.
    }
  });
}

/** Awaits `work`. @throws {Interrupted} as soon as a signal comes; `work` then goes on unobserved. */
export function orInterrupted<T>(work: Promise<T>): Promise<T> {
  return Promise.race([work, interruption.promise]);
}

/** Like {@linkcode orInterrupted}, but on a signal waits for `opening` and disposes its result. */
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
