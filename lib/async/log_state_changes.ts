/** Logs an outage twice, at its beginning and at its end, however many attempts fail in between. */

import type { Log } from "../ports.ts";
import { reasonOf } from "../problems/problem.ts";

/** The log messages. */
export interface StateMessages {
  readonly failing: string;
  readonly well: string;
}

/**
 * Returns a function to call after each attempt with the attempt's errors; no errors mean success. It
 * warns when attempts begin to fail, with the number of errors and the first one, and informs when
 * they succeed again.
 */
export function logStateChanges(
  log: Log,
  { failing, well }: StateMessages,
): (errors: readonly unknown[]) => void {
  let isFailing = false;
  return (errors) => {
    if (errors.length === 0 && isFailing) log("info", well);
    if (errors.length > 0 && !isFailing) {
      log("warn", failing, { failed: errors.length, error: reasonOf(errors[0]) });
    }
    isFailing = errors.length > 0;
  };
}
