/** What a job's schedule starts at each fire time: it only has the plane queue the run. */

import { defineSearchAttributeKey } from "@temporalio/common";
import { workflowInfo } from "@temporalio/workflow";
import { planeActivities } from "./activities.ts";

/** The time that the schedule names, which Temporal sets on what a schedule starts. */
const SCHEDULED_TIME = defineSearchAttributeKey("TemporalScheduledStartTime", "DATETIME");

/**
 * Short on purpose: the run has a workflow of its own, which the dispatcher starts. While the plane is
 * away this one waits for it, for as long as the job's catch-up window.
 */
export async function scheduledRun(jobId: string): Promise<void> {
  const time = workflowInfo().typedSearchAttributes.get(SCHEDULED_TIME);
  // One that was started by hand has no time, and nothing to do.
  if (time) await planeActivities.fireSchedule(jobId, time.toISOString());
}
