/** Tells how far a pull is, often enough that nobody takes it for stuck. */

import type { PullProgress } from "../../lib/docker/answers.ts";
import type { Clock, Log } from "../../lib/ports.ts";

const EVERY_MS = 5_000;
/** Docker's words for a layer that is here. */
const DONE = new Set(["Pull complete", "Already exists"]);

interface Layer {
  readonly done: boolean;
  readonly bytes: number;
}

/** Takes the engine's progress; logs layers and bytes (10^6) so far, at most every 5 s. */
export function pullReport(
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  fields: Readonly<Record<string, unknown>>,
): (progress: PullProgress) => void {
  const layers = new Map<string, Layer>();
  let told = clock.monotonic();
  return ({ id, status, progressDetail }) => {
    // The first line of a pull carries the tag as its id, which is no layer.
    if (id === undefined || status?.startsWith("Pulling from")) return;
    const known = layers.get(id)?.bytes ?? 0;
    const downloaded = status === "Downloading" ? progressDetail?.current ?? 0 : 0;
    layers.set(id, { done: DONE.has(status ?? ""), bytes: Math.max(known, downloaded) });
    if (clock.monotonic() - told < EVERY_MS) return;
    told = clock.monotonic();
    const all = [...layers.values()];
    log("info", "pulling image", {
      ...fields,
      layers: `${all.filter(({ done }) => done).length}/${all.length}`,
      megabytes: Math.round(all.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6),
    });
  };
}
