/** Applies a partial change to a job, for REST and pages. */

import { type Job, type JobBody, JobBodySchema, type JobPatch } from "../../lib/contract/job.ts";
import type { Schedule, SchedulePatch } from "../../lib/contract/schedules/schedule.ts";
import { checked } from "./body.ts";

/** Returns the whole definition after the change, validated like a new one. */
export function patchedJob(
  { name, host_id, agent_type, parameters, run_limit_seconds, schedule }: Job,
  { schedule: schedulePatch = {}, ...patch }: JobPatch,
): JobBody {
  return checked(JobBodySchema, {
    ...{ name, host_id, agent_type, parameters, run_limit_seconds },
    ...patch,
    schedule: schedulePatch && changed(schedule, schedulePatch),
  });
}

function changed(schedule: Schedule | null, patch: SchedulePatch): unknown {
  const isUntouched = schedule === null && Object.keys(patch).length === 0;
  return isUntouched ? null : { ...schedule, ...patch };
}
