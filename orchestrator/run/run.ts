/** A run on its host: one attempt at it, what its steps share, and the errors that give it back to Temporal. */

import { containerName, LABELS } from "../../lib/contract/container.ts";
import type { ControlRequest, RunOrder } from "../../lib/contract/dispatch.ts";
import type { OrderReader } from "../../lib/crypto/signed_order.ts";
import type { Container, Engine } from "../../lib/docker/engine.ts";
import type { Clock, Files, Log } from "../../lib/ports.ts";
import { reasonOf } from "../../lib/problems/problem.ts";
import type { RunClient } from "../../lib/temporal/run_client.ts";
import type { ActiveRuns, RunSignals } from "./active_runs.ts";
import { agentSpec, type ContainerBody, type HostSettings } from "./agent_spec.ts";
import {
  type Journal,
  type JournalRecord,
  type Journals,
  type RunFolder,
  runFolder,
} from "./journal.ts";
import type { PhaseReport } from "./phases.ts";

/** Time between SIGTERM and SIGKILL. */
export const GRACE_MS = 10_000;

/** One attempt at a run, as its activity sees it. It hides Temporal from the code that runs jobs. */
export interface Attempt {
  /** Reports that the host is alive. Called every 5 s: after 12 s without it the host counts as lost. */
  heartbeat(): void;
  /**
   * Aborts when Temporal cancels the attempt. The attempt then ends like one that got `cancelRun`, with
   * an outcome.
   */
  readonly signal: AbortSignal;
  /**
   * Aborts when the attempt must detach: the service stops, or Temporal has given the attempt up. The
   * container is left as it is and the next attempt adopts it.
   */
  readonly shutdown: AbortSignal;
  /** 1 for the first. */
  readonly attempt: number;
  /** Temporal's task token in base64. It ends the attempt from any process, so it must not be logged. */
  readonly token: string;
}

/** The attempt left a run that continues without it. Temporal must see a failure that it may retry. */
export class Detached extends Error {
  override readonly name = "Detached";

  constructor() {
    super("the host detached from the run; its container was not touched");
  }
}

/**
 * A new run must wait: runs that were begun need the host's slots for their next attempts. Nothing was
 * written down. Temporal must see a failure that it soon retries.
 */
export class Deferred extends Error {
  override readonly name = "Deferred";

  constructor() {
    super("the host first takes up the runs that it has begun");
  }
}

/**
 * The run is for another machine that has, or had, this host's id. Nothing was written down. Temporal
 * must see a failure that it retries, so that the request reaches that machine.
 */
export class ForeignRun extends Error {
  override readonly name = "ForeignRun";
  readonly run: ControlRequest;

  constructor({ run_id, installation_id }: ControlRequest) {
    super(`run ${run_id} is another machine's of this host id`);
    this.run = { run_id, installation_id };
  }
}

/** @throws ForeignRun for a run of another installation. */
export function refuseForeign(
  run: ControlRequest,
  { installationId }: Pick<HostSettings, "installationId">,
): void {
  if (run.installation_id !== installationId) throw new ForeignRun(run);
}

export interface RunNeeds {
  readonly engine: Engine;
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Log;
  /** The runs' workflows. Calls may be repeated, and reject while Temporal does not answer. */
  readonly workflows: Pick<RunClient, "signalPhases" | "isClosed">;
  readonly reader: OrderReader;
  readonly host: HostSettings;
  readonly journals: Journals;
  readonly active: ActiveRuns;
  /** ISO 8601 UTC, by the machine's clock and its uptime. */
  readonly machineStartedAt: string;
}

/** What the steps of one attempt share. */
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

/** Whether this installation made the container for that run, under whatever host id. */
export function isOurs(
  { labels }: Pick<Container, "labels">,
  { runId, host }: {
    readonly runId: string;
    readonly host: Pick<HostSettings, "installationId">;
  },
): boolean {
  return labels[LABELS.installation] === host.installationId && labels[LABELS.run] === runId;
}

/**
 * Updates the journal, and only warns when it cannot be written: for facts that the engine shows as
 * well, without which the run still ends with the right outcome.
 */
export async function tryUpdate(run: Run, change: Partial<JournalRecord>): Promise<void> {
  try {
    await run.journal.update(change);
  } catch (error) {
    run.needs.log("warn", "could not write the run journal", {
      run_id: run.id,
      error: reasonOf(error),
    });
  }
}
