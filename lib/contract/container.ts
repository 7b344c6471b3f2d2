/** The name, labels and mounts of an agent container. All of it is ours. */

/** Labels that say which run a container belongs to; `spec` is the SHA-256 of the create body, in hex. */
export const LABELS = {
  installation: "com.bigeye.agent.installation",
  host: "com.bigeye.agent.host",
  run: "com.bigeye.agent.run",
  job: "com.bigeye.agent.job",
  type: "com.bigeye.agent.type",
  spec: "com.bigeye.agent.spec",
} as const;

/** Derived from the run, so a second create collides, and the orchestrator adopts the existing container. */
export const containerName = (runId: string): string => `bigeye-run-${runId}`;

/** Paths in the agent container: its configuration, read-only, and its run folder, writable. */
export const CONFIG_MOUNT = "/bigeye/config";
export const RUN_MOUNT = "/bigeye/run";
export const RESULT_FILE = "result.json";
