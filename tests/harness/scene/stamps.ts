/** Reads times that the stand-in agent recorded inside its container, by the same kernel clock. */

import type { Scene } from "./scene.ts";
import { waitFor } from "../time/wait.ts";

export type Stamp = "first_instruction" | "sigterm";

/** Returns the milliseconds since the epoch with their fraction, as the stamps have them. */
export const epochMs = (): number => performance.timeOrigin + performance.now();

/** Reads a stamp from a container's folder; undefined if it was not written yet. */
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

/** Waits for a stamp of a run. On a timeout the error contains the orchestrator's log. */
export function stampOf({ host }: Scene, runId: string, name: Stamp): Promise<number> {
  return waitFor(() => readStamp(`${host.path}/agent_runs/${runId}/files`, name), {
    what: `${name} of run ${runId}`,
    intervalMs: 10,
    explain: () => host.agent("compose", "logs", "-s", "bigeye-agent-orchestrator"),
  });
}
