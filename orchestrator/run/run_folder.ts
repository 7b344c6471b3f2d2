/** Where the files of a run lie on the host. */

import { RUN_MOUNT } from "../../lib/contract/container.ts";

export interface RunFolder {
  readonly path: string;
  /** The journal. Beside the mounted folder, not in it: an agent that could write it could forge its end. */
  readonly journal: string;
  /** All output of the agent, a line each: engine timestamp, `out` or `err`, text. Not in the mount either. */
  readonly output: string;
  /** The agent's own, mounted at `/bigeye/run`. */
  readonly files: string;
}

export const runsFolder = (hostFolder: string): string => `${hostFolder}/agent_runs`;

export function runFolder(hostFolder: string, runId: string): RunFolder {
  const path = `${runsFolder(hostFolder)}/${runId}`;
  return {
    path,
    journal: `${path}/run.json`,
    output: `${path}/output.log`,
    files: `${path}/files`,
  };
}

/** A path inside the agent's run mount as a path on the host; anything else has none. */
export function hostPath(folder: RunFolder, containerPath: string): string | undefined {
  const [, inside] = containerPath.split(`${RUN_MOUNT}/`, 2);
  if (!containerPath.startsWith(`${RUN_MOUNT}/`) || !inside) return undefined;
  const parts = inside.split("/").filter((part) => part !== "" && part !== ".");
  // deno-lint-ignore no-control-regex -- a path is shown in one line of a message
  if (parts.includes("..") || /[\x00-\x1f\x7f]/.test(inside) || parts.length === 0) {
    return undefined;
  }
  return [folder.files, ...parts].join("/");
}
