/** A run: its statuses, reasons, phases and outcome. */

import * as v from "valibot";
import { BatchAgentTypeSchema } from "./agent_types.ts";
import { HostIdSchema } from "./host.ts";
import { InstantSchema } from "./instant.ts";

/** Documented (Creating & Managing Agent Jobs, "Run"); the spelling on the wire is ours. */
export const RUN_STATUSES = [
  "queued",
  "running",
  "succeeded",
  "failed",
  "timed_out",
  "canceled",
] as const;
export const RunStatusSchema = v.picklist(RUN_STATUSES);
export type RunStatus = v.InferOutput<typeof RunStatusSchema>;

/** Statuses that occupy the job: at most one run of a job is in one of them. */
export const ACTIVE_STATUSES = ["queued", "running"] as const satisfies readonly RunStatus[];

export const RUN_REASONS = [
  "exit_nonzero",
  "oom_killed",
  "image_missing",
  "image_auth",
  "rate_limited",
  "disk_pressure",
  "daemon_unavailable",
  "lost_container",
  "host_unavailable",
  "host_lost",
  "policy_denied",
  "run_limit",
  "canceled_by_user",
  "internal",
] as const;
export const RunReasonSchema = v.picklist(RUN_REASONS);
export type RunReason = v.InferOutput<typeof RunReasonSchema>;

/** What the host is at, in this order; a run may skip some and never goes back. */
export const RUN_PHASES = ["accepted", "pulling", "starting", "running", "stopping"] as const;
export const RunPhaseSchema = v.picklist(RUN_PHASES);
export type RunPhase = v.InferOutput<typeof RunPhaseSchema>;

/** When a phase began, by the host's clock, ISO 8601 UTC with milliseconds. */
export const PhaseStampSchema = v.object({ phase: RunPhaseSchema, at: InstantSchema });
export type PhaseStamp = v.InferOutput<typeof PhaseStampSchema>;

/** One failed or finished connection of a Lineage Plus run, from the agent's `result.json`. */
export const ConnectionResultSchema = v.object({
  connector: v.string(),
  name: v.string(),
  status: v.picklist(["succeeded", "failed"]),
  errors: v.optional(v.array(v.string()), []),
  /** The connection's log file; in an outcome it is a path on the host. */
  log: v.optional(v.string()),
});
export type ConnectionResult = v.InferOutput<typeof ConnectionResultSchema>;

/** The failure message is a summary of at most this many bytes of UTF-8 ("capped at roughly 4 KB"). */
export const MESSAGE_LIMIT_BYTES = 4096;

/** 32 bits, as the column has that keeps it. */
const ExitCodeSchema = v.pipe(
  v.number(),
  v.integer("must be a whole number"),
  v.minValue(-0x8000_0000, "must be of 32 bits"),
  v.maxValue(0x7fff_ffff, "must be of 32 bits"),
);

/** How a run ended. `reason` and `message` are absent exactly when it succeeded. */
export const RunOutcomeSchema = v.object({
  status: v.picklist(["succeeded", "failed", "timed_out", "canceled"]),
  reason: v.optional(RunReasonSchema),
  message: v.optional(v.string()),
  exit_code: v.optional(ExitCodeSchema),
  connections: v.optional(v.array(ConnectionResultSchema)),
  phases: v.array(PhaseStampSchema),
  /** When the agent's container began, by the engine; absent when it never did. */
  started_at: v.optional(InstantSchema),
  ended_at: InstantSchema,
});
export type RunOutcome = v.InferOutput<typeof RunOutcomeSchema>;

const unheard = {
  message: v.string(),
  phases: v.array(PhaseStampSchema),
  ended_at: InstantSchema,
} as const;
/**
 * How a run may end by the workflow's word alone, where its host gave none. Nobody signs it, so it
 * says nothing that only the host can know: never that the agent succeeded, nor how it exited.
 */
export const UnheardOutcomeSchema = v.variant("status", [
  v.strictObject({
    ...unheard,
    status: v.literal("failed"),
    reason: v.picklist(["policy_denied", "host_lost", "internal"]),
  }),
  v.strictObject({
    ...unheard,
    status: v.literal("timed_out"),
    reason: v.literal("host_unavailable"),
  }),
  v.strictObject({
    ...unheard,
    status: v.literal("canceled"),
    reason: v.literal("canceled_by_user"),
  }),
]);
export type UnheardOutcome = v.InferOutput<typeof UnheardOutcomeSchema>;

/** A run as REST shows it. Times are ISO 8601, UTC. */
export const RunSchema = v.object({
  id: v.string(),
  /** Null once the job is deleted: history outlives it. */
  job_id: v.nullable(v.string()),
  job_name: v.string(),
  host_id: HostIdSchema,
  agent_type: BatchAgentTypeSchema,
  parameters: v.record(v.string(), v.unknown()),
  run_limit_seconds: v.number(),
  trigger: v.picklist(["manual", "schedule"]),
  /** The time that the schedule fired for; null for a run that was triggered by hand. */
  scheduled_for: v.nullable(v.string()),
  status: RunStatusSchema,
  reason: v.nullable(RunReasonSchema),
  message: v.nullable(v.string()),
  exit_code: v.nullable(v.number()),
  connections: v.array(ConnectionResultSchema),
  phases: v.array(PhaseStampSchema),
  created_at: v.string(),
  started_at: v.nullable(v.string()),
  ended_at: v.nullable(v.string()),
  /** When somebody asked to cancel; the status changes once the container has stopped. */
  cancel_requested_at: v.nullable(v.string()),
});
export type Run = v.InferOutput<typeof RunSchema>;

export const RunPageSchema = v.object({
  runs: v.array(RunSchema),
  next_cursor: v.nullable(v.string()),
});
