/** One attempt at one run: what its steps share. */

import { containerName, LABELS } from "../../lib/contract/container.ts";
import type { RunOrder } from "../../lib/contract/dispatch.ts";
import type { RunOutcome, RunReason } from "../../lib/contract/run.ts";
import type { Container } from "../../lib/docker/engine.ts";
import { reasonOf } from "../../lib/problems/problem.ts";
import type { RunSignals } from "./active_runs.ts";
import { agentSpec, type ContainerBody } from "./agent_spec.ts";
import type { Journal, JournalRecord } from "./journal.ts";
import type { HostSettings, RunNeeds } from "./needs.ts";
import type { PhaseReport } from "./phases.ts";
import { type RunFolder, runFolder } from "./run_folder.ts";

/** From SIGTERM to SIGKILL. */
export const GRACE_MS = 10_000;

export interface Run {
  readonly id: string;
  readonly order: RunOrder;
  /** The container's name. */
  readonly name: string;
  readonly body: ContainerBody;
  readonly folder: RunFolder;
  readonly journal: Journal;
  readonly phases: PhaseReport;
  readonly signals: RunSignals;
  readonly needs: RunNeeds;
}

export function newRun(
  order: RunOrder,
  parts: Pick<Run, "journal" | "phases" | "signals" | "needs">,
): Run {
  const { host } = parts.needs;
  return {
    id: order.run_id,
    order,
    name: containerName(order.run_id),
    body: agentSpec(order, host),
    folder: runFolder(host.folder, order.run_id),
    ...parts,
  };
}

/** Whether a container is this installation's own for that run, under whatever host id it was made. */
export function isOurs(
  { labels }: Pick<Container, "labels">,
  { runId, host }: { readonly runId: string; readonly host: HostSettings },
): boolean {
  return labels[LABELS.installation] === host.installationId && labels[LABELS.run] === runId;
}

/**
 * What to do next, from what the engine shows and what the journal holds. A container of another
 * owner is never touched; one that was to be started and is not there is lost, never made again.
 */
export function nextStep(
  found: Container | undefined,
  { record, body, ...owner }: {
    readonly record: JournalRecord;
    readonly body: ContainerBody;
    readonly runId: string;
    readonly host: HostSettings;
  },
): "create" | "start" | "follow" | "finish" | "lost" | "foreign" {
  if (!found) return record.start_requested_at === undefined ? "create" : "lost";
  // The journal's digest, for settings may have changed since the container was made.
  const spec = record.spec ?? body.Labels[LABELS.spec];
  if (!isOurs(found, owner) || found.labels[LABELS.spec] !== spec) return "foreign";
  if (found.state === "created") return "start";
  if (found.state === "exited" || found.state === "dead") return "finish";
  return found.state === "removing" ? "lost" : "follow";
}

/** An outcome that the host itself decides, without an exit of the agent. */
export function hostOutcome(
  run: Pick<Run, "journal" | "needs">,
  { status = "failed", reason, message }: {
    readonly status?: RunOutcome["status"];
    readonly reason: RunReason;
    readonly message: string;
  },
): RunOutcome {
  const { phases } = run.journal.record;
  return { status, reason, message, phases, ended_at: run.needs.clock.now().toISOString() };
}

/** Writes to the journal what the engine shows anyway: without it the run still ends truthfully. */
export async function remember(run: Run, change: Partial<JournalRecord>): Promise<void> {
  try {
    await run.journal.update(change);
  } catch (error) {
    run.needs.log("warn", "run journal not written", { run_id: run.id, error: reasonOf(error) });
  }
}
