/** Tells the operator what callers are answered with and cannot mend, as with a full disk. */

import type { Clock, Log } from "../../lib/ports.ts";
import { type Problem, reasonOf } from "../../lib/problems/problem.ts";

/** A thousand hosts that go on asking must not fill the log: one line a minute for each code. */
const EVERY_MS = 60_000;

export function complaints(log: Log, clock: Clock): (problem: Problem) => void {
  const told = new Map<string, number>();
  return ({ code, message: problem, hint, cause }) => {
    const now = clock.monotonic();
    if (now - (told.get(code) ?? -Infinity) < EVERY_MS) return;
    told.set(code, now);
    log("warn", `requests fail: ${code}`, { problem, hint, cause: cause && reasonOf(cause) });
  };
}
