/** How the workflow calls its activities: where they run, how long they may take, when they repeat. */

import { ActivityCancellationType, proxyActivities } from "@temporalio/workflow";
import type {
  AgentRunInput,
  ControlActivities,
  HostActivities,
  PlaneActivities,
} from "../../lib/contract/dispatch.ts";
import { controlQueue, hostQueue } from "../../lib/contract/temporal_names.ts";

/** Two heartbeats of 5 s may be late or lost before the host counts as gone. */
const HEARTBEAT_SECONDS = 12;
/**
 * What one attempt may take on top of the run limit, which counts from the container's start: pulling
 * a large image over a slow line, the grace of a stop, reading the outcome.
 */
const BESIDES_RUN_SECONDS = 90 * 60;
/** After this long a host that does not take `cancelRun` counts as away. */
const CANCEL_ANSWER_SECONDS = 120;
const RELEASE_WAIT_SECONDS = 60;
/** Bounded by time, not by attempts: those of a machine that the run is not for must not use them up. */
const RELEASE_SECONDS = 120;

/** The run itself. Cancelling it waits for what the host says, unless no attempt is running. */
export function runActivity(input: AgentRunInput): HostActivities["runAgentJob"] {
  return proxyActivities<HostActivities>({
    taskQueue: hostQueue(input.host_id),
    scheduleToStartTimeout: input.host_wait_seconds * 1000,
    startToCloseTimeout: (input.run_limit_seconds + BESIDES_RUN_SECONDS) * 1000,
    heartbeatTimeout: HEARTBEAT_SECONDS * 1000,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: {
      initialInterval: 200,
      maximumInterval: 2_000,
      // A host that heartbeats and never ends is wedged; another attempt would only be as well.
      nonRetryableErrorTypes: ["policy_denied", "TemporalTimeout:StartToClose"],
    },
  }).runAgentJob;
}

/** Rejects when the host has not taken the request within {@linkcode CANCEL_ANSWER_SECONDS}. */
export function cancelActivity(hostId: string): ControlActivities["cancelRun"] {
  return proxyActivities<ControlActivities>({
    taskQueue: controlQueue(hostId),
    scheduleToCloseTimeout: CANCEL_ANSWER_SECONDS * 1000,
    startToCloseTimeout: 10_000,
    retry: { initialInterval: 200, maximumInterval: 2_000 },
  }).cancelRun;
}

export function releaseActivity(hostId: string): ControlActivities["releaseRun"] {
  return proxyActivities<ControlActivities>({
    taskQueue: controlQueue(hostId),
    scheduleToStartTimeout: RELEASE_WAIT_SECONDS * 1000,
    startToCloseTimeout: 60_000,
    scheduleToCloseTimeout: RELEASE_SECONDS * 1000,
  }).releaseRun;
}

/** The plane's own activities: tried until the store has taken what is reported. */
export const planeActivities = proxyActivities<PlaneActivities>({
  startToCloseTimeout: 10_000,
  retry: { initialInterval: 200, maximumInterval: 10_000 },
});
