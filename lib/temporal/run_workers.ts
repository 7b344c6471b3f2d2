/** Owns running workers: one signal stops them all, and one that fails takes the others with it. */

import type { Worker } from "@temporalio/worker";

const TICK_MS = 250;

/**
 * Runs the workers until the signal aborts; resolves once all have drained.
 * Rejects with the first failure, after the others have drained as well.
 */
export async function runWorkers(workers: readonly Worker[], signal: AbortSignal): Promise<void> {
  const stop = () => {
    for (const worker of workers) if (worker.getState() === "RUNNING") worker.shutdown();
  };
  // Beside a native worker timers of Deno 2.7.11 can stop for good, outside of activities as well:
  // seen after a workflow task that failed again and again. An interval from before keeps them all
  // alive; it bounds how late they are, and costs a tenth of a percent of a core.
  // deno-lint-ignore effects/through-ports
  const ticks = setInterval(() => {}, TICK_MS);
  const ends = workers.map((worker) => worker.run().finally(stop));
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  const results = await Promise.allSettled(ends);
  signal.removeEventListener("abort", stop);
  clearInterval(ticks);
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}
