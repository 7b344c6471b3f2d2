/** Outcomes that the host decides without an exit of the agent: failures, early cancels, lost containers. */

import type { RunOutcome, RunReason } from "../../lib/contract/run.ts";
import type { Container } from "../../lib/docker/engine.ts";
import type { Clock } from "../../lib/ports.ts";
import { Problem, reasonOf } from "../../lib/problems/problem.ts";
import type { RunRecord } from "./outcome.ts";

/** What these outcomes need of a run. */
export interface RecordedRun {
  readonly journal: { readonly record: Pick<RunRecord, "phases"> };
  readonly needs: { readonly clock: Pick<Clock, "now"> };
}

/** The engine was down for too long. The run ends as `daemon_unavailable`, whatever the last error was. */
export class EngineDown extends Error {
  override readonly name = "EngineDown";
}

/** Problem code → reason of the run. Any other Problem is `internal`. */
const REASONS: Readonly<Record<string, RunReason>> = {
  image_auth: "image_auth",
  image_missing: "image_missing",
  rate_limited: "rate_limited",
  disk_pressure: "disk_pressure",
  disk_full: "disk_pressure",
  docker_denied: "policy_denied",
  docker_unavailable: "daemon_unavailable",
  docker_too_new: "daemon_unavailable",
};
/** ENOSPC and EDQUOT, as the engine and Deno spell them. */
const DISK_FULL = /no space left|os error 28|disk quota exceeded|os error 122/i;

/** Ends the run for an error that another attempt would only repeat. Rethrows any other error. */
export function failedOutcome(run: RecordedRun, error: unknown): RunOutcome {
  const reason = failureReason(error);
  if (reason === undefined) throw error;
  return hostOutcome(run, { reason, message: reasonOf(error) });
}

function failureReason(error: unknown): RunReason | undefined {
  if (error instanceof EngineDown) return "daemon_unavailable";
  if (DISK_FULL.test(reasonOf(error))) return "disk_pressure";
  return error instanceof Problem ? REASONS[error.code] ?? "internal" : undefined;
}

/** The run was canceled before its container was started. */
export function canceledBeforeStart(run: RecordedRun): RunOutcome {
  return hostOutcome(run, {
    status: "canceled",
    reason: "canceled_by_user",
    message: "Canceled before the agent was started",
  });
}

/** The run's workflow was closed before its container was started. */
export function closedBeforeStart(run: RecordedRun): RunOutcome {
  return hostOutcome(run, {
    reason: "internal",
    message: "Bigeye had closed this run before its container was started",
  });
}

/** The container of this name was to be started, and no longer exists. */
export function lostOutcome(run: RecordedRun, name: string): RunOutcome {
  return hostOutcome(run, {
    reason: "lost_container",
    message: `Container "${name}" is gone: something other than this host removed it, ` +
      "and how the agent ended is not known",
  });
}

/** The run's container name is taken by a container that this host did not make for the run. */
export function nameTakenOutcome(
  run: RecordedRun,
  { name, labels }: Pick<Container, "name" | "labels">,
): RunOutcome {
  const keys = Object.keys(labels).length;
  return hostOutcome(run, {
    reason: "internal",
    message: `The name "${name}" is taken by a container that was not made for this run ` +
      `(${keys} labels, none of which was trusted); remove it with "docker rm ${name}"`,
  });
}

function hostOutcome(
  { journal, needs }: RecordedRun,
  { status = "failed", reason, message }: {
    readonly status?: RunOutcome["status"];
    readonly reason: RunReason;
    readonly message: string;
  },
): RunOutcome {
  const { phases } = journal.record;
  return { status, reason, message, phases, ended_at: needs.clock.now().toISOString() };
}
