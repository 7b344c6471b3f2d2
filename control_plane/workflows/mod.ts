/** All workflows. The bundle for the control plane's worker is built from this file. */

export { agentRun } from "./agent_run.ts";
export { scheduledRun } from "./scheduled_run.ts";
