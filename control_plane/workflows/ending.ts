/** Infers the outcome of a run whose host returned none, from what is known for certain. */

import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  TimeoutFailure,
  TimeoutType,
} from "@temporalio/common";
import type { InferredOutcome, PhaseStamp } from "../../lib/contract/run.ts";

export interface RunFacts {
  readonly phases: readonly PhaseStamp[];
  readonly cancelAsked: boolean;
  /** The host did not take `cancelRun` in time. */
  readonly hostSilent: boolean;
  /** ISO 8601, UTC. */
  readonly now: string;
}

/** An outcome without the shared fields. Distributes over the union, so that each status keeps its reasons. */
type Ending<T = InferredOutcome> = T extends unknown ? Omit<T, "phases" | "ended_at"> : never;

/** Converts the failure of `runAgentJob` to the run's outcome. */
export function outcomeOfFailure(thrown: unknown, facts: RunFacts): InferredOutcome {
  const cause = thrown instanceof ActivityFailure ? thrown.cause : thrown;
  return { ...endingOf(cause, facts), phases: [...facts.phases], ended_at: facts.now };
}

function endingOf(cause: unknown, { phases, cancelAsked, hostSilent }: RunFacts): Ending {
  if (cause instanceof ApplicationFailure && cause.type === "policy_denied") {
    return { status: "failed", reason: "policy_denied", message: textOf(cause) };
  }
  // A host starts nothing until its first phase is in this workflow's history.
  if (cancelAsked && phases.length === 0) {
    const message = "Canceled before the host started it";
    return { status: "canceled", reason: "canceled_by_user", message };
  }
  if (hostSilent) return hostLost(SILENT);
  if (cause instanceof TimeoutFailure) return endingOfTimeout(cause, phases);
  // A stopping host released the run, and it is not offered again because a cancel was requested.
  if (cause instanceof ApplicationFailure && cause.type === "handed_back") {
    return hostLost(NOT_BACK);
  }
  if (cause instanceof CancelledFailure) {
    const message = "Canceled before its container was started";
    return { status: "canceled", reason: "canceled_by_user", message };
  }
  return { status: "failed", reason: "internal", message: textOf(cause) };
}

const SILENT = "Cancel was asked for and the host has not answered. The container may still run: " +
  "when the host is back, it stops the container and removes it";
const NOT_BACK =
  "The host took the run, was lost, and has not come back in time. The container may " +
  "still run: when the host is back, it stops the container and removes it";

function endingOfTimeout(
  { timeoutType }: TimeoutFailure,
  phases: readonly PhaseStamp[],
): Ending {
  if (timeoutType === TimeoutType.START_TO_CLOSE) {
    // Not "timed out": only the host knows whether the agent reached its limit and has stopped.
    const message =
      "The host still reported on the run long after its limit, and never ended it. " +
      "Restart the orchestrator on the host and read its log";
    return { status: "failed", reason: "internal", message };
  }
  if (phases.length > 0 || timeoutType !== TimeoutType.SCHEDULE_TO_START) return hostLost(NOT_BACK);
  const message = "No host took the run in time. Check that the host is online and has room for it";
  return { status: "timed_out", reason: "host_unavailable", message };
}

function hostLost(message: string): Ending {
  return { status: "failed", reason: "host_lost", message };
}

/** A concealed failure carries its text in the details (lib/temporal/payloads/failures.ts). */
function textOf(cause: unknown): string {
  const detail = cause instanceof ApplicationFailure ? cause.details?.[0] : undefined;
  if (typeof detail === "string") return detail;
  return cause instanceof Error ? cause.message : String(cause);
}
