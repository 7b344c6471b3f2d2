/** A fire time has come: its run is queued once, or its skip is recorded. */

import type { Log } from "../../lib/ports.ts";
import type { ScheduleStore } from "../store/mod.ts";

export interface FireNeeds {
  readonly schedules: Pick<ScheduleStore, "fire">;
  /** Told when there is a run to dispatch. */
  readonly wake: () => void;
  readonly log: Log;
}

/**
 * The activity that a schedule's workflow calls. What it is given is read as from a stranger: anybody
 * who reaches Temporal can start the workflow, so no more can come of it than a run of a job that has
 * a schedule.
 */
export async function fireSchedule(
  { schedules, wake, log }: FireNeeds,
  { jobId, fireTime }: { readonly jobId: unknown; readonly fireTime: unknown },
): Promise<void> {
  const time = typeof fireTime === "string" ? Date.parse(fireTime) : NaN;
  if (typeof jobId !== "string" || Number.isNaN(time)) {
    log("warn", "a schedule's workflow names no job or no time, and is ignored");
    return;
  }
  const fire_time = new Date(time).toISOString();
  const fired = await schedules.fire(jobId, fire_time);
  if (fired.outcome === "queued") {
    wake();
    const { id: run_id, host_id } = fired.run;
    log("info", "run queued by its schedule", { run_id, job_id: jobId, host_id, fire_time });
  } else if (fired.outcome === "skipped") {
    const { reason, active_run_id } = fired.skip;
    log("info", "fire time skipped", { job_id: jobId, fire_time, reason, active_run_id });
  }
}
