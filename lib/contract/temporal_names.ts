/**
 * Names of queues, workflows, schedules and signals in Temporal. This file imports nothing, because the
 * workflows import it, and Temporal loads their modules again for every run.
 */

/** Queue of the control plane's own workflows and activities. */
export const PLANE_QUEUE = "bigeye-control-plane";

/** Queue of a host's runs. Its worker has as many slots as the host may run at the same time. */
export const hostQueue = (hostId: string): string => `bigeye-agent-host-${hostId}`;

/** Queue of `cancelRun` and `releaseRun`, so that a host whose slots are all taken can still stop a run. */
export const controlQueue = (hostId: string): string => controlQueueOf(hostQueue(hostId));
/** The control queue of a host whose queue of runs has this name. */
export const controlQueueOf = (queue: string): string => `${queue}-control`;

/** One workflow per run: Temporal refuses to start a second one of this id. */
export const runWorkflowId = (runId: string): string => `run-${runId}`;

/** One pushed `cancelRun` per run: Temporal refuses to start a second one of this id. */
export const cancelActivityId = (runId: string): string => `cancel-${runId}`;

/** One schedule per job. The ids of the workflows that it starts begin with this id. */
export const scheduleId = (jobId: string): string => `${SCHEDULE_PREFIX}${jobId}`;
/** Returns the job of a schedule's id, or `undefined` if the schedule is not ours. */
export const jobOfSchedule = (id: string): string | undefined =>
  id.startsWith(SCHEDULE_PREFIX) ? id.slice(SCHEDULE_PREFIX.length) : undefined;
const SCHEDULE_PREFIX = "bigeye-job-";

export const AGENT_RUN_WORKFLOW = "agentRun";
/** Workflow that a schedule starts; its one argument is the job's id. */
export const SCHEDULED_RUN_WORKFLOW = "scheduledRun";
/**
 * Signal from the host to `agentRun`; its one argument is a list of `PhaseStamp`. It is not signed: phases
 * are shown and decide where a cancel request goes, but never how a run ended. A signature would delay the
 * container by 20 ms, because the container waits for the first signal.
 */
export const PHASES_SIGNAL = "phases";
