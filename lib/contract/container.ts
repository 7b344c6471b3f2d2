/** What an agent container is called, labelled and given. All of it is ours. */

/** Labels that say whose a container is; `spec` is the SHA-256 of the create body, in hex. */
export const LABELS = {
  installation: "com.bigeye.agent.installation",
  host: "com.bigeye.agent.host",
  run: "com.bigeye.agent.run",
  job: "com.bigeye.agent.job",
  type: "com.bigeye.agent.type",
  spec: "com.bigeye.agent.spec",
} as const;

/** The name is a function of the run: a second create collides, and that means adopt. */
export const containerName = (runId: string): string => `bigeye-run-${runId}`;

/** Inside the agent container: its configuration, read-only, and its own run folder, writable. */
export const CONFIG_MOUNT = "/bigeye/config";
export const RUN_MOUNT = "/bigeye/run";
export const RESULT_FILE = "result.json";
