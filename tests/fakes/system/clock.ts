/** A clock that moves only when a test advances it. Sleepers wake in the order of their times. */

import type { Clock } from "../../../lib/ports.ts";
import { sleepBy } from "../../../lib/async/timing.ts";

export interface ManualClock extends Clock {
  /** Moves the clock and wakes the sleepers whose time has come. */
  advance(ms: number): void;
}

interface Sleeper {
  readonly at: number;
  wake(): void;
}

export function manualClock(start = "2026-01-01T00:00:00.000Z"): ManualClock {
  const origin = Date.parse(start);
  let elapsed = 0;
  let sleepers: Sleeper[] = [];

  function after(ms: number, late: () => void): () => void {
    const sleeper: Sleeper = { at: elapsed + ms, wake: late };
    sleepers.push(sleeper);
    return () => {
      sleepers = sleepers.filter((other) => other !== sleeper);
    };
  }

  return {
    now: () => new Date(origin + elapsed),
    monotonic: () => elapsed,
    after,
    sleep: sleepBy(after),
    advance(ms) {
      elapsed += ms;
      const due = sleepers.filter(({ at }) => at <= elapsed).sort((a, b) => a.at - b.at);
      sleepers = sleepers.filter(({ at }) => at > elapsed);
      for (const sleeper of due) sleeper.wake();
    },
  };
}
