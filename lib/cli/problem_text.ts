/** How a failure reads on a terminal, and as the JSON that `--json` promises. */

import { type Problem, reasonOf } from "../problems/problem.ts";

/** Two or three lines and the details, as on stderr; no final newline. */
export function problemText(problem: Problem): string {
  const details = problem.details.map(({ path, message }) =>
    path === undefined ? `       ${message}` : `       ${path}: ${message}`
  );
  return [
    `error: ${problem.message}`,
    ...details,
    ` hint: ${problem.hint}`,
    ` code: ${problem.code}`,
  ].join("\n");
}

/** One JSON document on stdout, so that a script that asked for JSON always gets JSON. */
export function problemJson({ code, message, hint, exit, details }: Problem): string {
  return JSON.stringify({ error: { code, message, hint, exit, details } }, null, 2);
}

/** A bug: one line and a plea; `debug` adds the stack. */
export function bugText(thrown: unknown, { program, debug }: BugOptions): string {
  const line = `error: Unexpected failure in ${program}: ${reasonOf(thrown)}`;
  if (!debug) return `${line}\n hint: Run it again with --debug and report what it prints`;
  return thrown instanceof Error && thrown.stack ? `${line}\n${thrown.stack}` : line;
}

export interface BugOptions {
  /** Name and version. */
  readonly program: string;
  readonly debug: boolean;
}
