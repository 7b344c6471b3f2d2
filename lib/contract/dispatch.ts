/** What crosses Temporal between the two halves: names, queues and the shapes of every payload. */

import * as v from "valibot";
import { AgentTaskSchema } from "./agent_types.ts";
import { HostIdSchema, InstallationIdSchema } from "./host.ts";
import type { PhaseStamp, RunOutcome } from "./run.ts";

/** Queue on which the plane's own workflows and activities run. */
export const PLANE_QUEUE = "bigeye-control-plane";

/** Queue that takes runs; its worker's slots are the host's run limit. */
export const hostQueue = (hostId: string): string => `bigeye-agent-host-${hostId}`;

/** Queue that takes `cancelRun` and `releaseRun`, so that a full host can still be told to stop. */
export const controlQueue = (hostId: string): string => `${hostQueue(hostId)}-control`;

/** One workflow a run: starting it twice is refused by Temporal and harmless. */
export const runWorkflowId = (runId: string): string => `run-${runId}`;

export const AGENT_RUN_WORKFLOW = "agentRun";
/** Signal from the host to `agentRun`; its one argument is a list of {@linkcode PhaseStamp}. */
export const PHASES_SIGNAL = "phases";

/** What the host is asked to do, frozen at trigger time. `expires_at` and `issued_at` are ISO 8601 UTC. */
export const RunOrderSchema = v.object({
  run_id: v.pipe(v.string(), v.uuid()),
  host_id: HostIdSchema,
  /** Who owned the host id at dispatch: another machine of the same id must not run this. */
  installation_id: InstallationIdSchema,
  job_id: v.string(),
  job_name: v.string(),
  task: AgentTaskSchema,
  run_limit_seconds: v.number(),
  issued_at: v.string(),
  expires_at: v.string(),
});
export type RunOrder = v.InferOutput<typeof RunOrderSchema>;

/**
 * A {@linkcode RunOrder} as it travels: the JSON text whose bytes were signed, and the signature.
 * Signing text instead of an object makes the check independent of how JSON is written.
 */
export const SignedOrderSchema = v.object({
  /** JSON of a {@linkcode RunOrder}. */
  order: v.string(),
  /** RSA-PSS, SHA-256, salt of 32 bytes, over the UTF-8 bytes of `order`, by Bigeye's key; base64. */
  signature: v.string(),
});
export type SignedOrder = v.InferOutput<typeof SignedOrderSchema>;

/** Argument of workflow `agentRun`. */
export interface AgentRunInput {
  readonly run_id: string;
  readonly host_id: string;
  readonly run_limit_seconds: number;
  /** How long a run may wait for its host, in seconds, before it ends as `host_unavailable`. */
  readonly host_wait_seconds: number;
  readonly signed: SignedOrder;
}

/** Activities on {@linkcode hostQueue}. */
export interface HostActivities {
  /**
   * Runs one order to its end and returns how it ended; a retry adopts what an earlier attempt began.
   * Throws only failures that another attempt can mend, and `policy_denied` (not retryable).
   */
  runAgentJob(signed: SignedOrder): Promise<RunOutcome>;
}

/** Activities on {@linkcode controlQueue}. Both may be repeated, and take run ids the host never saw. */
export interface ControlActivities {
  /** Asks the host to stop a run; returns once the request is on disk, before the container has ended. */
  cancelRun(runId: string): Promise<void>;
  /** The outcome is on record: removes the container and closes the journal. */
  releaseRun(runId: string): Promise<void>;
}

/** Activities on {@linkcode PLANE_QUEUE}. Both may be repeated. */
export interface PlaneActivities {
  recordPhases(runId: string, phases: readonly PhaseStamp[]): Promise<void>;
  /** The first outcome of a run holds; a later one is ignored. */
  recordOutcome(runId: string, outcome: RunOutcome): Promise<void>;
}
