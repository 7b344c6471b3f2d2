/** Times that the stand-in agent wrote down from inside its container, by the same kernel clock. */

import type { Scene } from "./scene.ts";
import { waitFor } from "./wait.ts";

export type Stamp = "first_instruction" | "sigterm";

/** Milliseconds since the epoch with their fraction, as the stamps have them. */
export const epochMs = (): number => performance.timeOrigin + performance.now();

/** The stamp of a run, or nothing when its container has not written it. */
export async function readStamp(
  { host }: Scene,
  runId: string,
  name: Stamp,
): Promise<number | undefined> {
  try {
    const text = await Deno.readTextFile(`${host.path}/agent_runs/${runId}/files/${name}`);
    return text.trim() === "" ? undefined : Number(text) * 1000;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Waits for a stamp; when it never comes, the orchestrator's log is in the error. */
export function stampOf(scene: Scene, runId: string, name: Stamp): Promise<number> {
  return waitFor(() => readStamp(scene, runId, name), {
    what: `${name} of run ${runId}`,
    intervalMs: 10,
    explain: () => scene.host.agent("compose", "logs", "-s", "bigeye-agent-orchestrator"),
  });
}
