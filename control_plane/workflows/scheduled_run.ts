/** The workflow that a job's schedule starts at each fire time: it only queues the run. */

import { defineSearchAttributeKey } from "@temporalio/common";
import { workflowInfo } from "@temporalio/workflow";
import { planeActivities } from "./activities.ts";

/** The planned time, which Temporal sets on workflows that a schedule starts. */
const SCHEDULED_TIME = defineSearchAttributeKey("TemporalScheduledStartTime", "DATETIME");

/**
 * Short on purpose: the dispatcher starts the run's own workflow. While the control plane is down, this
 * workflow waits for it, up to the job's catch-up window.
 */
export async function scheduledRun(jobId: string): Promise<void> {
  const time = workflowInfo().typedSearchAttributes.get(SCHEDULED_TIME);
  // A workflow started by hand has no planned time and does nothing.
  if (time) await planeActivities.fireSchedule(jobId, time.toISOString());
}
