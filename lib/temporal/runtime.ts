/** Temporal's native runtime: one a process, speaking through our log, leaving signals to us. */

import { IllegalStateError } from "@temporalio/common";
import { DefaultLogger, type LogEntry, Runtime } from "@temporalio/worker";
import type { Log, LogLevel } from "../ports.ts";

/** Installs the runtime; a later call in the same process changes nothing. */
export function installRuntime(log: Log): void {
  try {
    Runtime.install({
      logger: new DefaultLogger("WARN", (entry) => forward(entry, log)),
      telemetryOptions: {
        // Not forwarded: that polls every 100 ms, which alone would use up the idle CPU of a host.
        logging: { filter: { core: "ERROR", other: "ERROR" }, console: { format: "json" } },
      },
      // Who owns a worker stops it, in order; the SDK would stop all of them by itself.
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

/** On a host there are no workflows, and that is right. */
const EXPECTED = "No workflows registered, not polling for workflow tasks";

/** Few fields are let through: an entry may carry a whole task and its payloads. */
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

/** With the details, as there lies the text of a concealed failure. */
function textOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const details = "details" in error && Array.isArray(error.details) ? error.details : [];
  return [error.message, ...details].join(": ");
}
