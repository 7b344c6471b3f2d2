/** How `serve --health` learns from another process whether `serve` is well. */

import * as v from "valibot";
import type { Clock, Files } from "../../lib/ports.ts";

const HealthSchema = v.object({ state: v.picklist(["starting", "working"]), at: v.string() });
export type HealthState = v.InferOutput<typeof HealthSchema>["state"];

const INTERVAL_MS = 15_000;
/** A service that has not written for so long hangs, or is gone. */
const FRESH_MS = 45_000;

export const healthFile = (temporaryFolder: string): string =>
  `${temporaryFolder}/bigeye-agent-serve.json`;

/** Writes the state every 15 s until the signal aborts, and takes the file away then. */
export async function keepHealthFile(
  path: string,
  { files, clock, state, signal }: {
    readonly files: Pick<Files, "writeText" | "remove">;
    readonly clock: Pick<Clock, "now" | "sleep">;
    readonly state: () => HealthState;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  while (!signal.aborted) {
    const health = { state: state(), at: clock.now().toISOString() };
    // One failed write is not the end: the next may succeed, and until then the file grows old.
    await files.writeText(path, JSON.stringify(health)).catch(() => {});
    await clock.sleep(health.state === "working" ? INTERVAL_MS : 1_000, signal).catch(() => {});
  }
  await files.remove(path);
}

/** Healthy is: the boundary held, the workers take runs, and that was so at most 45 s ago. */
export async function isHealthy(
  path: string,
  { files, clock }: { readonly files: Pick<Files, "readText">; readonly clock: Pick<Clock, "now"> },
): Promise<boolean> {
  const text = await files.readText(path);
  if (text === undefined) return false;
  const health = v.parse(HealthSchema, JSON.parse(text));
  const age = clock.now().getTime() - Date.parse(health.at);
  return health.state === "working" && age <= FRESH_MS;
}
