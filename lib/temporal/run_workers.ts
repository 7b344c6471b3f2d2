/** Owns running workers: one signal stops them all, and one that fails takes the others with it. */

import type { Worker } from "@temporalio/worker";

/**
 * Runs the workers until the signal aborts; resolves once all have drained.
 * Rejects with the first failure, after the others have drained as well.
 */
export async function runWorkers(workers: readonly Worker[], signal: AbortSignal): Promise<void> {
  const stop = () => {
    for (const worker of workers) if (worker.getState() === "RUNNING") worker.shutdown();
  };
  const ends = workers.map((worker) => worker.run().finally(stop));
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  const results = await Promise.allSettled(ends);
  signal.removeEventListener("abort", stop);
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}
