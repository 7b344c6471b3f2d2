/** A small form that was refused stands on its page again, as it was typed. */

import type { Problem } from "../../../lib/problems/problem.ts";

export interface Refused {
  /** The fields as they were sent. */
  readonly typed: URLSearchParams;
  /** The first fault of each field that has one. */
  readonly faults: ReadonlyMap<string, string>;
  readonly problem: Problem;
}

export function refusedFor(problem: Problem, typed: URLSearchParams): Refused {
  const faults = new Map<string, string>();
  for (const { path = "", message } of problem.details) {
    if (!typed.has(path) || faults.has(path)) continue;
    faults.set(path, message.charAt(0).toUpperCase() + message.slice(1));
  }
  return { typed, faults, problem };
}
