/** Temporal's native runtime: one per process, logging to our log, with signals left to us; runs workers. */

import { IllegalStateError } from "@temporalio/common";
import { DefaultLogger, type LogEntry, Runtime, type Worker } from "@temporalio/worker";
import type { Log, LogLevel } from "../ports.ts";

/** Installs the runtime; a later call in the same process changes nothing. */
export function installRuntime(log: Log): void {
  try {
    Runtime.install({
      logger: new DefaultLogger("WARN", (entry) => forward(entry, log)),
      telemetryOptions: {
        // Not forwarded to us: forwarding polls every 100 ms, which alone exceeds a host's idle CPU budget.
        logging: { filter: { core: "ERROR", other: "ERROR" }, console: { format: "json" } },
      },
      // The owner of a worker stops it, in order. By default the SDK stops all workers itself.
      shutdownSignals: [],
      workerHeartbeatInterval: 0,
    });
  } catch (error) {
    if (!(error instanceof IllegalStateError)) throw error;
  }
}

const LEVELS: Readonly<Record<LogEntry["level"], LogLevel>> = {
  TRACE: "debug",
  DEBUG: "debug",
  INFO: "info",
  WARN: "warn",
  ERROR: "error",
};

/** Expected on a host, which has activities only. */
const EXPECTED = "No workflows registered, not polling for workflow tasks";

/** Only these fields are logged: an entry may carry a whole task with its payloads. */
function forward({ level, message, meta = {} }: LogEntry, log: Log): void {
  const { activityType, workflowId, attempt, error } = meta;
  const fields = { activity: activityType, workflow: workflowId, attempt, error: textOf(error) };
  const known = Object.entries(fields).filter(([, value]) => value !== undefined);
  log(
    message === EXPECTED ? "debug" : LEVELS[level],
    `temporal: ${message}`,
    Object.fromEntries(known),
  );
}

/** Includes the details, which hold the text of a concealed failure. */
function textOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const details = "details" in error && Array.isArray(error.details) ? error.details : [];
  return [error.message, ...details].join(": ");
}

/**
 * Runs the workers until the signal aborts; resolves once all have drained. When one fails, the others
 * are stopped too, and it rejects with the first failure after they have drained.
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
