/** The payloads that control plane and hosts exchange over Temporal, and the activities that take them. */

import * as v from "valibot";
import { AgentTaskSchema } from "./agent_types.ts";
import { HostIdSchema, InstallationIdSchema } from "./host.ts";
import { InferredOutcomeSchema, type PhaseStamp } from "./run.ts";

/** An order to run a job, fixed when the run is triggered. `issued_at` and `expires_at` are ISO 8601, UTC. */
export const RunOrderSchema = v.object({
  run_id: v.pipe(v.string(), v.uuid()),
  host_id: HostIdSchema,
  /** The installation that owned the host id at dispatch. Another machine of the same id must not run this. */
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
 * The text that Bigeye signs: the hashes of all orders that are dispatched together, because a signature
 * takes 10 ms. `kind` keeps any other text signed by the same key from being accepted as a manifest.
 */
export const OrderManifestSchema = v.object({
  kind: v.literal("run_orders"),
  /** SHA-256 of the UTF-8 bytes of each order; base64. */
  sha256: v.array(v.string()),
});

/**
 * A {@linkcode RunOrder} with the proof that it comes from Bigeye. A text is signed instead of an object, so
 * the check does not depend on how JSON is written.
 */
export const SignedOrderSchema = v.object({
  /** JSON of a {@linkcode RunOrder}. */
  order: v.string(),
  /** JSON of an {@linkcode OrderManifestSchema} that holds the order's hash. */
  manifest: v.string(),
  /** RSA-PSS, SHA-256, salt of 32 bytes, over the UTF-8 bytes of `manifest`, by Bigeye's key; base64. */
  signature: v.string(),
});
export type SignedOrder = v.InferOutput<typeof SignedOrderSchema>;

/**
 * A host's statement of how a run ended. `kind` keeps any other text signed by the same key from being
 * accepted as a statement.
 */
export const OutcomeStatementSchema = v.object({
  kind: v.literal("run_outcome"),
  run_id: v.pipe(v.string(), v.uuid()),
  host_id: HostIdSchema,
  /** A `RunOutcome`. Its form is checked only after the signature. */
  outcome: v.unknown(),
});

/** A statement with the host's signature. */
export const SignedOutcomeSchema = v.object({
  /** JSON of an {@linkcode OutcomeStatementSchema}. */
  statement: v.string(),
  /** RSA-PSS, SHA-256, salt of 32 bytes, over the UTF-8 bytes of `statement`, by the company's key; base64. */
  signature: v.string(),
});
export type SignedOutcome = v.InferOutput<typeof SignedOutcomeSchema>;

/** How a run ended: as its host signed it, or, if the host reported nothing, as the workflow inferred it. */
export const OutcomeReportSchema = v.union([
  v.strictObject({ signed: SignedOutcomeSchema }),
  v.strictObject({ unheard: InferredOutcomeSchema }),
]);
export type OutcomeReport = v.InferOutput<typeof OutcomeReportSchema>;

/** Argument of workflow `agentRun`. */
export interface AgentRunInput {
  readonly run_id: string;
  readonly host_id: string;
  /** The same as in the order. */
  readonly installation_id: string;
  readonly run_limit_seconds: number;
  /** How long a run may wait for its host, in seconds, before it ends as `host_unavailable`. */
  readonly host_wait_seconds: number;
  readonly signed: SignedOrder;
}

/** Activities on {@linkcode hostQueue}. */
export interface HostActivities {
  /**
   * Runs one order to its end and signs the outcome; a retry adopts the container of an earlier attempt.
   * Throws only failures that another attempt can solve, and `policy_denied` (not retryable).
   */
  runAgentJob(signed: SignedOrder): Promise<SignedOutcome>;
}

/** A run and the installation it was dispatched to. Another machine that polls the queue must not act on it. */
export type ControlRequest = Pick<RunOrder, "run_id" | "installation_id">;

/** A {@linkcode ControlRequest} and the host that it is for. */
export type HostControlRequest = ControlRequest & Pick<RunOrder, "host_id">;

/**
 * Activities on {@linkcode controlQueue}. Both may be repeated, and accept run ids that the host never saw.
 * On a machine that the run was not dispatched to they fail, so that Temporal tries again.
 */
export interface ControlActivities {
  /** Asks the host to stop a run; resolves once the request is on disk, before the container has ended. */
  cancelRun(request: ControlRequest): Promise<void>;
  /** Removes the container and closes the journal; called once the outcome is recorded. */
  releaseRun(request: ControlRequest): Promise<void>;
}

/** Activities on {@linkcode PLANE_QUEUE}. All may be repeated. */
export interface PlaneActivities {
  recordPhases(runId: string, phases: readonly PhaseStamp[]): Promise<void>;
  /**
   * Records the first outcome of a run and ignores later ones. A report that is neither signed by the host
   * nor inferred ends the run as `failed` with `policy_denied`.
   */
  recordOutcome(runId: string, report: OutcomeReport): Promise<void>;
  /**
   * Triggers one run for a fire time of a job's schedule (ISO 8601, UTC), or records why there is none.
   */
  fireSchedule(jobId: string, fireTime: string): Promise<void>;
}
