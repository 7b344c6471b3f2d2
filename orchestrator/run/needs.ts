/** What the host side of a run is given: ports, settings, and its way to speak with the run's workflow. */

import type { BatchAgentType } from "../../lib/contract/agent_types.ts";
import type { PhaseStamp } from "../../lib/contract/run.ts";
import type { Engine } from "../../lib/docker/engine.ts";
import type { OrderReader } from "../../lib/crypto/order.ts";
import type { Clock, Files, Identity, Log } from "../../lib/ports.ts";
import type { ActiveRuns } from "./active_runs.ts";
import type { Journals } from "./journal.ts";

/** What every container of this host has in common. */
export interface HostSettings {
  /** The host folder. It has the same path here and for the engine, which resolves mounts. */
  readonly folder: string;
  readonly hostId: string;
  readonly installationId: string;
  /** The compose project's ordinary network; the agents join it by name. */
  readonly network: string;
  /** The agents run as the orchestrator's user, so that files on the host have one owner. */
  readonly identity: Identity;
  /** Whether the engine has an init that reaps the agent's orphans. */
  readonly init: boolean;
  readonly images: Readonly<Record<BatchAgentType, string>>;
  /** Memory limits in bytes that differ from the type's default. */
  readonly memoryBytes?: Readonly<Partial<Record<BatchAgentType, number>>>;
}

/**
 * The workflow of a run, seen from its host (`lib/temporal/run_client.ts`). Calls may be repeated, and
 * reject while Temporal does not answer.
 */
export interface Workflows {
  /** Resolves once Temporal has the phases. Throws `run_closed` when nobody waits for the run any more. */
  signalPhases(runId: string, phases: readonly PhaseStamp[]): Promise<void>;
  /** Whether nobody waits for this run any more: its workflow is closed or never was. */
  isClosed(runId: string): Promise<boolean>;
}

/**
 * The attempt let go of a run that goes on without it; another attempt adopts the container. Temporal
 * must see a failure that it may retry.
 */
export class Detached extends Error {
  override readonly name = "Detached";

  constructor() {
    super("the host let go of the run; its container was not touched");
  }
}

/**
 * A new run is not accepted yet, as runs that were begun come first: they need the host's slots for their
 * next attempts. Nothing was written down; Temporal must see a failure that it soon retries.
 */
export class Deferred extends Error {
  override readonly name = "Deferred";

  constructor() {
    super("the host first takes up the runs that it has begun");
  }
}

export interface RunNeeds {
  readonly engine: Engine;
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Log;
  readonly workflows: Workflows;
  readonly reader: OrderReader;
  readonly host: HostSettings;
  readonly journals: Journals;
  readonly active: ActiveRuns;
}
