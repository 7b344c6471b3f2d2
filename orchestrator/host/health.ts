/** The health file: `serve` writes its state there, and `serve --health` reads it from another process. */

import * as v from "valibot";
import type { Clock, Files } from "../../lib/ports.ts";

const HealthSchema = v.object({ state: v.picklist(["starting", "working"]), at: v.string() });
export type HealthState = v.InferOutput<typeof HealthSchema>["state"];

const INTERVAL_MS = 15_000;
/** A service that has not written for longer hangs or has died. */
const FRESH_MS = 45_000;

export const healthFile = (temporaryFolder: string): string =>
  `${temporaryFolder}/bigeye-agent-serve.json`;

/** Writes the state every second at the start and every 15 s later. Removes the file when the signal aborts. */
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
    // A failed write is not an error yet: the next may succeed, and until then the file ages.
    await files.writeText(path, JSON.stringify(health)).catch(() => {});
    await clock.sleep(health.state === "working" ? INTERVAL_MS : 1_000, signal).catch(() => {});
  }
  await files.remove(path);
}

/** Whether the service wrote at most 45 s ago that its boundary is verified and its workers take runs. */
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
