/** Runs a child process for the duration of `work`. */

import type { Exec, ExecOptions } from "../../lib/ports.ts";
import { PLANE_VARIABLES } from "../settings/sources.ts";

export interface ChildPlan extends Pick<ExecOptions, "cwd" | "env" | "graceMs" | "onLine"> {
  readonly argv: readonly string[];
  /** Makes the error for its end, whatever the exit code; {@linkcode NOT_FOUND} means a missing program. */
  readonly failure: (end: ChildEnd) => Error;
}

export interface ChildEnd {
  readonly code: number;
  /** The last lines of its output. */
  readonly words: readonly string[];
}

export const NOT_FOUND = 127;

const LAST_LINES = 20;

/**
 * Runs a child process until `work` settles, then ends it. If the child ends first, `work` is aborted and
 * the promise rejects with `plan.failure`. Settles when both have ended.
 */
export async function whileChild(
  plan: ChildPlan,
  exec: Exec,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const { argv, failure, onLine, ...options } = plan;
  const over = new AbortController();
  const words: string[] = [];
  const running = exec.run(argv, {
    ...options,
    // Removed from the environment: one of them may hold the database password.
    without: Object.values(PLANE_VARIABLES),
    signal: over.signal,
    // An orphaned server would block the database and the port. Ctrl-C reaches only us; we end the child last.
    diesWithUs: true,
    onLine(line) {
      words.push(line);
      if (words.length > LAST_LINES) words.shift();
      // Output after we ended it is only about the shutdown.
      if (!over.signal.aborted) onLine?.(line);
    },
  });
  const ended = running.then(({ code }) => {
    throw failure({ code, words });
  });
  const working = work(over.signal);
  try {
    await Promise.race([ended, working]);
  } finally {
    over.abort();
    await Promise.allSettled([ended, working]);
  }
}
