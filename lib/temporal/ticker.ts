/** Keeps timers alive within activities: a trap of Deno 2.7.11. */

import type { ActivityInterceptorsFactory } from "@temporalio/worker";

const TICK_MS = 100;

/**
 * An interceptor that ticks while at least one activity runs.
 *
 * Beside a native worker the event loop of Deno 2.7.11 sleeps through a `setTimeout` that was set
 * within an activity, until something else wakes it: heartbeats stop, and the attempt times out.
 * An interval wakes it; ticking only while an activity runs, it costs nothing on an idle host.
 * Deno 2.9 does without.
 */
export function createTicker(): ActivityInterceptorsFactory {
  let running = 0;
  let ticks: ReturnType<typeof setInterval> | undefined;
  return () => ({
    inbound: {
      async execute(input, next) {
        // No port: it measures no time, and a clock that a test moves could not wake the loop.
        // deno-lint-ignore effects/through-ports
        if (running++ === 0) ticks = setInterval(() => {}, TICK_MS);
        try {
          return await next(input);
        } finally {
          if (--running === 0) clearInterval(ticks);
        }
      },
    },
  });
}
