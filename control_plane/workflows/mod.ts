/** All workflows; the bundle for the plane's worker is made from this file. */

export { agentRun } from "./agent_run.ts";
export { scheduledRun } from "./scheduled_run.ts";
