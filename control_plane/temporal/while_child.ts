/** A program that works for us: it runs while we do, and its end is ours. */

import type { Exec, ExecOptions } from "../../lib/ports.ts";
import { PLANE_VARIABLES } from "../settings/setting_sources.ts";

export interface ChildPlan extends Pick<ExecOptions, "cwd" | "env" | "graceMs" | "onLine"> {
  readonly argv: readonly string[];
  /** What its end means, whatever its exit code; {@linkcode NOT_FOUND} is that of a missing program. */
  readonly failure: (end: ChildEnd) => Error;
}

export interface ChildEnd {
  readonly code: number;
  /** The last of what it said, line by line. */
  readonly words: readonly string[];
}

export const NOT_FOUND = 127;

const LAST_LINES = 20;

/**
 * Runs a child while `work` does, and ends it then; rejects as soon as either does, with
 * `plan.failure` when that was the child. Resolves and rejects when both have ended.
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
    // One of them may hold the password of the database.
    without: Object.values(PLANE_VARIABLES),
    signal: over.signal,
    // Two servers on one database or one port spoil it; and a Ctrl-C is for us, who end them last.
    diesWithUs: true,
    onLine(line) {
      words.push(line);
      if (words.length > LAST_LINES) words.shift();
      // What it says as it is ended is about that.
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
