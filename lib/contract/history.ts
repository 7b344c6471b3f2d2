/** What has become of a job's times: its runs, and the fire times that had none. */

import * as v from "valibot";
import { RunSchema } from "./run.ts";

/** Why a fire time had no run; "missed" stands for all times until the next one on record. */
export const SKIP_REASONS = ["run_active", "host_not_eligible", "missed"] as const;

/** Times are ISO 8601, UTC. */
export const SkipSchema = v.object({
  fire_time: v.string(),
  reason: v.picklist(SKIP_REASONS),
  /** The reason in words. */
  message: v.string(),
  /** The run that was still active; it may have been removed since. */
  active_run_id: v.nullable(v.string()),
});
export type Skip = v.InferOutput<typeof SkipSchema>;

/** One line of the history; `at` is when the run was queued, or the skip was recorded. */
export const HistoryEntrySchema = v.variant("kind", [
  v.object({ kind: v.literal("run"), at: v.string(), run: RunSchema }),
  v.object({ kind: v.literal("skip"), at: v.string(), skip: SkipSchema }),
]);
export type HistoryEntry = v.InferOutput<typeof HistoryEntrySchema>;

/** Newest first. */
export const HistoryPageSchema = v.object({
  entries: v.array(HistoryEntrySchema),
  next_cursor: v.nullable(v.string()),
});
