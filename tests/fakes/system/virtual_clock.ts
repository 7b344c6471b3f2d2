/** A clock without waiting: when nothing happens for a while, its time jumps to the next sleeper's. */

import type { Clock } from "../../../lib/ports.ts";
import { sleepBy } from "../../../lib/async/timing.ts";

/** Turns of the event loop without a new sleeper that count as "nothing happens". */
const QUIET_TURNS = 10;

/** Operations of Web Crypto in progress: they run on threads, while the event loop looks idle. */
let operations = 0;
for (const name of ["decrypt", "digest", "encrypt", "importKey", "sign", "verify"] as const) {
  const operation = crypto.subtle[name].bind(crypto.subtle) as (...args: unknown[]) => unknown;
  const counted = async (...args: unknown[]) => {
    operations++;
    try {
      return await operation(...args);
    } finally {
      operations--;
    }
  };
  Object.defineProperty(crypto.subtle, name, { value: counted });
}

interface Sleeper {
  readonly at: number;
  wake(): void;
}

/** Runs a loop only while there are sleepers, so that a test leaks nothing when all have woken. */
export function virtualClock(start = "2026-01-01T00:00:00.000Z"): Clock {
  const origin = Date.parse(start);
  const sleepers = new Set<Sleeper>();
  let elapsed = 0;
  let quiet = 0;
  let turning: ReturnType<typeof setTimeout> | undefined;

  /** Keeps the event loop turning while there are sleepers. */
  function turn(): void {
    turning ??= setTimeout(() => {
      turning = undefined;
      if (operations > 0) quiet = 0;
      if (++quiet >= QUIET_TURNS) wakeNext();
      if (sleepers.size > 0) turn();
    }, 0);
  }

  function wakeNext(): void {
    quiet = 0;
    const [next] = [...sleepers].toSorted((a, b) => a.at - b.at);
    if (!next) return;
    elapsed = Math.max(elapsed, next.at);
    next.wake();
  }

  function after(ms: number, late: () => void): () => void {
    quiet = 0;
    const sleeper: Sleeper = {
      at: elapsed + ms,
      wake() {
        leave();
        late();
      },
    };
    const leave = () => {
      quiet = 0;
      sleepers.delete(sleeper);
      if (sleepers.size > 0) return;
      clearTimeout(turning);
      turning = undefined;
    };
    sleepers.add(sleeper);
    turn();
    return leave;
  }

  return {
    now: () => new Date(origin + elapsed),
    monotonic: () => elapsed,
    after,
    sleep: sleepBy(after),
  };
}
