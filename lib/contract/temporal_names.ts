/**
 * What is called how in Temporal, on both halves. Without schemas, as the workflows import it: what they
 * import is loaded anew for every run.
 */

/** Queue on which the plane's own workflows and activities run. */
export const PLANE_QUEUE = "bigeye-control-plane";

/** Queue that takes runs; its worker's slots are the host's run limit. */
export const hostQueue = (hostId: string): string => `bigeye-agent-host-${hostId}`;

/** Queue that takes `cancelRun` and `releaseRun`, so that a full host can still be told to stop. */
export const controlQueue = (hostId: string): string => `${hostQueue(hostId)}-control`;

/** One workflow a run: starting it twice is refused by Temporal and harmless. */
export const runWorkflowId = (runId: string): string => `run-${runId}`;

/** One Temporal schedule a job, under this id; the workflows that it starts have it as their prefix. */
export const scheduleId = (jobId: string): string => `${SCHEDULE_PREFIX}${jobId}`;
/** The job of a schedule's id, or nothing when the schedule is not one of ours. */
export const jobOfSchedule = (id: string): string | undefined =>
  id.startsWith(SCHEDULE_PREFIX) ? id.slice(SCHEDULE_PREFIX.length) : undefined;
const SCHEDULE_PREFIX = "bigeye-job-";

export const AGENT_RUN_WORKFLOW = "agentRun";
/** What a schedule starts; its one argument is the job's id. */
export const SCHEDULED_RUN_WORKFLOW = "scheduledRun";
/**
 * Signal from the host to `agentRun`; its one argument is a list of `PhaseStamp`. Not signed:
 * phases are shown and decide whom a cancel goes to, but never how a run ended, and a signature (20 ms)
 * would delay the container, which waits for the first signal.
 */
export const PHASES_SIGNAL = "phases";
