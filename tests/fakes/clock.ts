/** A clock that stands still until it is told to move; sleepers wake in the order of their times. */

import type { Clock } from "../../lib/ports.ts";

export interface ManualClock extends Clock {
  /** Moves on, and wakes whom it passes. */
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
  return {
    now: () => new Date(origin + elapsed),
    monotonic: () => elapsed,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const stop = () => {
          sleepers = sleepers.filter((other) => other !== sleeper);
          reject(signal?.reason);
        };
        const wake = () => {
          signal?.removeEventListener("abort", stop);
          resolve();
        };
        const sleeper: Sleeper = { at: elapsed + ms, wake };
        sleepers.push(sleeper);
        signal?.addEventListener("abort", stop, { once: true });
      }),
    advance(ms) {
      elapsed += ms;
      const due = sleepers.filter(({ at }) => at <= elapsed).sort((a, b) => a.at - b.at);
      sleepers = sleepers.filter(({ at }) => at > elapsed);
      for (const sleeper of due) sleeper.wake();
    },
  };
}
