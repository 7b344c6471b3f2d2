/** A run: its statuses, reasons, phases and outcome. */

import * as v from "valibot";
import { PaginationInfoSchema } from "./messages/pagination.ts";
import { BatchAgentTypeSchema } from "./agent_types.ts";
import { HostIdSchema } from "./host.ts";
import { InstantSchema } from "./text.ts";

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

/** Statuses of a run that is not over. At most one run of a job has one of them. */
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

/** The host's progress with a run, in this order. A run may skip a phase and never goes back. */
export const RUN_PHASES = ["accepted", "pulling", "starting", "running", "stopping"] as const;
export const RunPhaseSchema = v.picklist(RUN_PHASES);
export type RunPhase = v.InferOutput<typeof RunPhaseSchema>;

/** When a phase began, by the host's clock. */
export const PhaseStampSchema = v.object({ phase: RunPhaseSchema, at: InstantSchema });
export type PhaseStamp = v.InferOutput<typeof PhaseStampSchema>;

/** The result of one connection of a Lineage Plus run, from the agent's `result.json`. */
export const ConnectionResultSchema = v.object({
  connector: v.string(),
  name: v.string(),
  status: v.picklist(["succeeded", "failed"]),
  errors: v.optional(v.array(v.string()), []),
  /** The connection's log file. In an outcome it is a path on the host. */
  log: v.optional(v.string()),
});
export type ConnectionResult = v.InferOutput<typeof ConnectionResultSchema>;

/** Limit of a failure message in bytes of UTF-8 (documented: "capped at roughly 4 KB"). */
export const MESSAGE_LIMIT_BYTES = 4096;

/** 32 bits, like the database column. */
const ExitCodeSchema = v.pipe(
  v.number(),
  v.integer("must be a whole number"),
  v.minValue(-0x8000_0000, "must fit in 32 bits"),
  v.maxValue(0x7fff_ffff, "must fit in 32 bits"),
);

/**
 * How a run ended. `reason` is absent if and only if it succeeded. `message` says why it failed, or what the
 * agent said of its success, if anything.
 */
export const RunOutcomeSchema = v.object({
  status: v.picklist(["succeeded", "failed", "timed_out", "canceled"]),
  reason: v.optional(RunReasonSchema),
  message: v.optional(v.string()),
  exit_code: v.optional(ExitCodeSchema),
  connections: v.optional(v.array(ConnectionResultSchema)),
  phases: v.array(PhaseStampSchema),
  /** When the agent's container started, by the engine's clock; absent if it never started. */
  started_at: v.optional(InstantSchema),
  ended_at: InstantSchema,
});
export type RunOutcome = v.InferOutput<typeof RunOutcomeSchema>;

const inferred = {
  message: v.string(),
  phases: v.array(PhaseStampSchema),
  ended_at: InstantSchema,
} as const;
/**
 * The outcome that the workflow infers when the host reported none. It is not signed, so it must not claim
 * what only the host can know: that the agent succeeded, or how it exited.
 */
export const InferredOutcomeSchema = v.variant("status", [
  v.strictObject({
    ...inferred,
    status: v.literal("failed"),
    reason: v.picklist(["policy_denied", "host_lost", "internal"]),
  }),
  v.strictObject({
    ...inferred,
    status: v.literal("timed_out"),
    reason: v.literal("host_unavailable"),
  }),
  v.strictObject({
    ...inferred,
    status: v.literal("canceled"),
    reason: v.literal("canceled_by_user"),
  }),
]);
export type InferredOutcome = v.InferOutput<typeof InferredOutcomeSchema>;

/** A run in REST answers. Times are ISO 8601, UTC. */
export const RunSchema = v.object({
  id: v.string(),
  /** Null once the job is deleted; its runs stay. */
  job_id: v.nullable(v.string()),
  job_name: v.string(),
  host_id: HostIdSchema,
  agent_type: BatchAgentTypeSchema,
  parameters: v.record(v.string(), v.unknown()),
  run_limit_seconds: v.number(),
  trigger: v.picklist(["manual", "schedule"]),
  /** The fire time of the schedule; null for a run that a person triggered. */
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
  /** When cancelation was requested. The status changes once the container has stopped. */
  cancel_requested_at: v.nullable(v.string()),
});
export type Run = v.InferOutput<typeof RunSchema>;

export const RunPageSchema = v.object({
  runs: v.array(RunSchema),
  paginationInfo: PaginationInfoSchema,
});
