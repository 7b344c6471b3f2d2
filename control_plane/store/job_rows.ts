/** Between a row of `jobs` and a job as the contract shows it. */

import type { Job, JobBody } from "../../lib/contract/job.ts";
import type { RunStatus } from "../../lib/contract/run.ts";
import { shownFireTimes } from "../../lib/contract/schedules/schedule.ts";
import { scheduleOf } from "./schedule_rows.ts";
import type { JobsRow } from "./tables.ts";

/** What of a row is the job's definition. */
export function columnsOf({ parameters, schedule, ...body }: JobBody): Omit<
  JobsRow,
  "id" | "created_at" | "updated_at" | "version" | "schedule_changed_at"
> {
  return {
    ...body,
    parameters: JSON.stringify(parameters),
    schedule: schedule && JSON.stringify(schedule),
  };
}

/** Of a job's newest run. */
interface LastRun {
  run_id: string | null;
  run_status: RunStatus | null;
  run_at: string | null;
}

/** `now` is what its next fire times come after. */
export function jobOf(
  { run_id, run_status, run_at, parameters, schedule_changed_at: _, ...job }: JobsRow & LastRun,
  now: Date,
): Job {
  const schedule = scheduleOf(job);
  const hasRun = run_id !== null && run_status !== null && run_at !== null;
  return {
    ...job,
    parameters: JSON.parse(parameters),
    schedule,
    next_fire_times: shownFireTimes(schedule, now),
    last_run: hasRun ? { id: run_id, status: run_status, created_at: run_at } : null,
  };
}
