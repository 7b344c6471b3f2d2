/** What crosses Temporal between the two halves: the shape of every payload. */

import * as v from "valibot";
import { AgentTaskSchema } from "./agent_types.ts";
import { HostIdSchema, InstallationIdSchema } from "./host.ts";
import { type PhaseStamp, UnheardOutcomeSchema } from "./run.ts";

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
 * What Bigeye signs: the hashes of all orders that are dispatched together, as a signature costs some
 * 10 ms. Its `kind` keeps other texts under the same key from passing for it.
 */
export const OrderManifestSchema = v.object({
  kind: v.literal("run_orders"),
  /** SHA-256 of the UTF-8 bytes of each order; base64. */
  sha256: v.array(v.string()),
});

/**
 * A {@linkcode RunOrder} as it travels, with the proof that Bigeye gave it.
 * Signing text instead of an object makes the check independent of how JSON is written.
 */
export const SignedOrderSchema = v.object({
  /** JSON of a {@linkcode RunOrder}. */
  order: v.string(),
  /** JSON of an {@linkcode OrderManifestSchema} that has the order's hash. */
  manifest: v.string(),
  /** RSA-PSS, SHA-256, salt of 32 bytes, over the UTF-8 bytes of `manifest`, by Bigeye's key; base64. */
  signature: v.string(),
});
export type SignedOrder = v.InferOutput<typeof SignedOrderSchema>;

/** What a host says of a run's end. Its `kind` keeps other texts under the same key from passing for it. */
export const OutcomeStatementSchema = v.object({
  kind: v.literal("run_outcome"),
  run_id: v.pipe(v.string(), v.uuid()),
  host_id: HostIdSchema,
  /** A `RunOutcome`; who signed it is settled before its form is looked at. */
  outcome: v.unknown(),
});

/** A statement as it travels, like a {@linkcode SignedOrder} the other way. */
export const SignedOutcomeSchema = v.object({
  /** JSON of an {@linkcode OutcomeStatementSchema}. */
  statement: v.string(),
  /** RSA-PSS, SHA-256, salt of 32 bytes, over the UTF-8 bytes of `statement`, by the company's key; base64. */
  signature: v.string(),
});
export type SignedOutcome = v.InferOutput<typeof SignedOutcomeSchema>;

/** How a run ended: by its host's signed word, or, where the host gave none, by the workflow's own. */
export const OutcomeReportSchema = v.union([
  v.strictObject({ signed: SignedOutcomeSchema }),
  v.strictObject({ unheard: UnheardOutcomeSchema }),
]);
export type OutcomeReport = v.InferOutput<typeof OutcomeReportSchema>;

/** Argument of workflow `agentRun`. */
export interface AgentRunInput {
  readonly run_id: string;
  readonly host_id: string;
  /** As in the order. */
  readonly installation_id: string;
  readonly run_limit_seconds: number;
  /** How long a run may wait for its host, in seconds, before it ends as `host_unavailable`. */
  readonly host_wait_seconds: number;
  readonly signed: SignedOrder;
}

/** Activities on {@linkcode hostQueue}. */
export interface HostActivities {
  /**
   * Runs one order to its end and signs how it ended; a retry adopts what an earlier attempt began.
   * Throws only failures that another attempt can mend, and `policy_denied` (not retryable).
   */
  runAgentJob(signed: SignedOrder): Promise<SignedOutcome>;
}

/** A run, and the installation it was dispatched to: another machine that polls the queue leaves it to that one. */
export type ControlRequest = Pick<RunOrder, "run_id" | "installation_id">;

/**
 * Activities on {@linkcode controlQueue}. Both may be repeated, take run ids the host never saw, and
 * fail, to be tried again, on a machine that the run is not for.
 */
export interface ControlActivities {
  /** Asks the host to stop a run; returns once the request is on disk, before the container has ended. */
  cancelRun(request: ControlRequest): Promise<void>;
  /** The outcome is on record: removes the container and closes the journal. */
  releaseRun(request: ControlRequest): Promise<void>;
}

/** Activities on {@linkcode PLANE_QUEUE}. All may be repeated. */
export interface PlaneActivities {
  recordPhases(runId: string, phases: readonly PhaseStamp[]): Promise<void>;
  /**
   * The first outcome of a run holds; a later one is ignored. A report that cannot be believed ends the
   * run as `failed` with `policy_denied`.
   */
  recordOutcome(runId: string, report: OutcomeReport): Promise<void>;
  /**
   * A fire time of a job's schedule has come (ISO 8601, UTC): triggers one run for it, or records why
   * there is none.
   */
  fireSchedule(jobId: string, fireTime: string): Promise<void>;
}
