/** A job, a saved definition of what to run, where and for how long; and a job's history. */

import * as v from "valibot";
import { PaginationInfoSchema } from "./messages/pagination.ts";
import { BatchAgentTypeSchema, PARAMETER_SCHEMAS } from "./agent_types.ts";
import { HostIdSchema } from "./host.ts";
import { RunSchema } from "./run.ts";
import { SchedulePatchSchema, ScheduleSchema } from "./schedules/schedule.ts";
import { lineSchema } from "./text.ts";

const NameSchema = v.pipe(lineSchema(200), v.minLength(1, "must not be empty"));

/** How long a run may take before the host stops it, in seconds: 1 s to 7 days. */
const RunLimitSchema = v.pipe(
  v.number(),
  v.integer("must be a whole number of seconds"),
  v.minValue(1, "must be at least 1 second"),
  v.maxValue(604_800, "must be at most 604800 seconds (7 days)"),
);

const common = {
  name: NameSchema,
  host_id: HostIdSchema,
  run_limit_seconds: v.optional(RunLimitSchema, 14_400),
  /** Null for a job that runs only on demand. */
  schedule: v.optional(v.nullable(ScheduleSchema), null),
};

/** Body of `POST /api/v1/agent-orchestrator/jobs`. The run limit defaults to 4 hours. */
export const JobBodySchema = v.variant("agent_type", [
  v.strictObject({
    ...common,
    agent_type: v.literal("lineage"),
    parameters: PARAMETER_SCHEMAS.lineage,
  }),
  v.strictObject({
    ...common,
    agent_type: v.literal("datahealth"),
    parameters: PARAMETER_SCHEMAS.datahealth,
  }),
  v.strictObject({
    ...common,
    agent_type: v.literal("external-monitors"),
    parameters: PARAMETER_SCHEMAS["external-monitors"],
  }),
]);
export type JobBody = v.InferOutput<typeof JobBodySchema>;

/** Body of `PATCH /api/v1/agent-orchestrator/jobs/{id}`: absent fields do not change. The agent type is fixed. */
export const JobPatchSchema = v.strictObject({
  name: v.optional(NameSchema),
  host_id: v.optional(HostIdSchema),
  run_limit_seconds: v.optional(RunLimitSchema),
  parameters: v.optional(v.record(v.string(), v.unknown())),
  /** Null removes the schedule; absent fields of an object do not change. */
  schedule: v.optional(v.nullable(SchedulePatchSchema)),
});
export type JobPatch = v.InferOutput<typeof JobPatchSchema>;

/** A job in REST answers. Times are ISO 8601, UTC. */
export const JobSchema = v.object({
  id: v.string(),
  name: v.string(),
  host_id: HostIdSchema,
  agent_type: BatchAgentTypeSchema,
  parameters: v.record(v.string(), v.unknown()),
  run_limit_seconds: v.number(),
  schedule: v.nullable(ScheduleSchema),
  /** The next five; none without a schedule or while it is paused. */
  next_fire_times: v.array(v.string()),
  /** Begins at 1 and grows with each change of the definition; `If-Match` compares it. */
  version: v.pipe(v.number(), v.integer()),
  created_at: v.string(),
  updated_at: v.string(),
  last_run: v.nullable(v.pick(RunSchema, ["id", "status", "created_at"])),
});
export type Job = v.InferOutput<typeof JobSchema>;

export const JobPageSchema = v.object({
  jobs: v.array(JobSchema),
  paginationInfo: PaginationInfoSchema,
});

/** Why a fire time had no run. "missed" stands for all fire times until the next one on record. */
export const SKIP_REASONS = ["run_active", "host_not_eligible", "missed"] as const;

/** A fire time without a run. Times are ISO 8601, UTC. */
export const SkipSchema = v.object({
  fire_time: v.string(),
  reason: v.picklist(SKIP_REASONS),
  /** The reason as a sentence. */
  message: v.string(),
  /** The run that was still active. It may have been removed since. */
  active_run_id: v.nullable(v.string()),
});
export type Skip = v.InferOutput<typeof SkipSchema>;

/** One entry of a job's history: a run, or a fire time without a run. `at` is when it was recorded. */
export const HistoryEntrySchema = v.variant("kind", [
  v.object({ kind: v.literal("run"), at: v.string(), run: RunSchema }),
  v.object({ kind: v.literal("skip"), at: v.string(), skip: SkipSchema }),
]);
export type HistoryEntry = v.InferOutput<typeof HistoryEntrySchema>;

/** A page of a job's history, newest first. */
export const HistoryPageSchema = v.object({
  entries: v.array(HistoryEntrySchema),
  paginationInfo: PaginationInfoSchema,
});
