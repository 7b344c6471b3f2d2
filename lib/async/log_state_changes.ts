/** Tells of an outage at its beginning and at its end: however long it is, it is two lines. */

import type { Log } from "../ports.ts";
import { reasonOf } from "../problems/problem.ts";

export interface StreakWords {
  readonly failing: string;
  readonly well: string;
}

/** A function that takes the errors of each attempt; none means that all is well. */
export function onceAStreak(
  log: Log,
  { failing, well }: StreakWords,
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
