/** Handles a fire time of a schedule: queues its run once, or records why it was skipped. */

import type { Log } from "../../lib/ports.ts";
import type { ScheduleStore } from "../store/mod.ts";

export interface FireNeeds {
  readonly schedules: Pick<ScheduleStore, "fire">;
  /** Called when a run was queued. */
  readonly wake: () => void;
  readonly log: Log;
}

/**
 * The activity that a schedule's workflow calls. Its input is not trusted: anyone with access to Temporal
 * can start the workflow. At most it queues a run of a job that has a schedule.
 */
export async function fireSchedule(
  { schedules, wake, log }: FireNeeds,
  { jobId, fireTime }: { readonly jobId: unknown; readonly fireTime: unknown },
): Promise<void> {
  const time = typeof fireTime === "string" ? Date.parse(fireTime) : NaN;
  if (typeof jobId !== "string" || Number.isNaN(time)) {
    log("warn", "ignored a schedule's workflow without a job or a time");
    return;
  }
  const fire_time = new Date(time).toISOString();
  const fired = await schedules.fire(jobId, fire_time);
  if (fired.outcome === "queued") {
    wake();
    const { id: run_id, host_id } = fired.run;
    log("info", "queued a scheduled run", { run_id, job_id: jobId, host_id, fire_time });
  } else if (fired.outcome === "skipped") {
    const { reason, active_run_id } = fired.skip;
    log("info", "skipped a fire time", { job_id: jobId, fire_time, reason, active_run_id });
  }
}
