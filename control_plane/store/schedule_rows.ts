/** The schedule within a job's row, and the note that it has changed. */

import type { Kysely } from "kysely";
import type { Schedule } from "../../lib/contract/schedules/schedule.ts";
import type { JobsRow, Tables } from "./tables.ts";

/** The schedule of a job's row, as it was checked when the job was saved. */
export function scheduleOf({ schedule }: Pick<JobsRow, "schedule">): Schedule | null {
  return schedule === null ? null : JSON.parse(schedule);
}

/** To be called in the transaction that changes a job's schedule, or removes one. */
export async function noteScheduleChange(
  step: Kysely<Tables>,
  { jobId, now }: { readonly jobId: string; readonly now: Date },
): Promise<void> {
  const change = { change_id: crypto.randomUUID(), created_at: now.toISOString() };
  await step.insertInto("schedule_changes").values({ job_id: jobId, ...change })
    .onConflict((conflict) => conflict.column("job_id").doUpdateSet(change)).execute();
}
