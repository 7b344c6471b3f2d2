/** Times that the stand-in agent wrote down from inside its container, by the same kernel clock. */

import type { Scene } from "./scene.ts";
import { waitFor } from "./wait.ts";

export type Stamp = "first_instruction" | "sigterm";

/** Milliseconds since the epoch with their fraction, as the stamps have them. */
export const epochMs = (): number => performance.timeOrigin + performance.now();

/** The stamp in the folder that a container has as its own, or nothing when it has not written it. */
async function readStamp(folder: string, name: Stamp): Promise<number | undefined> {
  try {
    const text = await Deno.readTextFile(`${folder}/${name}`);
    return text.trim() === "" ? undefined : Number(text) * 1000;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Waits for a stamp in a folder. */
export function stampIn(folder: string, name: Stamp): Promise<number> {
  return waitFor(() => readStamp(folder, name), { what: `${folder}/${name}`, intervalMs: 10 });
}

/** Waits for a stamp of a run; when it never comes, the orchestrator's log is in the error. */
export function stampOf({ host }: Scene, runId: string, name: Stamp): Promise<number> {
  return waitFor(() => readStamp(`${host.path}/agent_runs/${runId}/files`, name), {
    what: `${name} of run ${runId}`,
    intervalMs: 10,
    explain: () => host.agent("compose", "logs", "-s", "bigeye-agent-orchestrator"),
  });
}
