/** The workflows' activities: their queues, timeouts and retry policies. */

import { ActivityCancellationType, proxyActivities } from "@temporalio/workflow";
import type {
  AgentRunInput,
  ControlActivities,
  HostActivities,
  PlaneActivities,
} from "../../lib/contract/dispatch.ts";
import { controlQueue, hostQueue } from "../../lib/contract/temporal_names.ts";

/** The host counts as lost after two missed heartbeats of 5 s. */
const HEARTBEAT_SECONDS = 12;
/**
 * Time for one attempt on top of the run limit, which starts with the container: pulling a large image
 * over a slow line, the grace period of a stop, reading the outcome.
 */
const BESIDES_RUN_SECONDS = 90 * 60;
/** A host that does not take `cancelRun` for this long counts as unreachable. */
const CANCEL_ANSWER_SECONDS = 120;
const RELEASE_WAIT_SECONDS = 60;
/** Limited by time rather than attempts, so that attempts on the wrong machine do not use them up. */
const RELEASE_SECONDS = 120;

/** Runs the order on its host. Cancelling waits for the host's result, unless no attempt is running. */
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
      // A host that heartbeats but never finishes is stuck; another attempt would get stuck too.
      nonRetryableErrorTypes: ["policy_denied", "TemporalTimeout:StartToClose"],
    },
  }).runAgentJob;
}

/** Asks the host to stop the run. Rejects if the host does not take it within {@linkcode CANCEL_ANSWER_SECONDS}. */
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

/** The control plane's activities, retried until the store has recorded the report. */
export const planeActivities = proxyActivities<PlaneActivities>({
  startToCloseTimeout: 10_000,
  retry: { initialInterval: 200, maximumInterval: 10_000 },
});
