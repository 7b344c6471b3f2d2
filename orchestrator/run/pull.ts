/** Pulls an agent's image and logs the progress, so that a long pull does not look stuck. */

import { anySignal } from "../../lib/async/abort.ts";
import type { PullProgress } from "../../lib/docker/answers.ts";
import type { Clock, Log } from "../../lib/ports.ts";
import { retryWhileEngineDown } from "./retry.ts";
import type { Run } from "./run.ts";

const LOG_INTERVAL_MS = 5_000;
/** The engine's status texts for a layer that is on the host. */
const DONE = new Set(["Pull complete", "Already exists"]);

/**
 * Pulls the run's image.
 *
 * @throws the Problems of `Engine.pullImage`, and the reason of the cancel or detach signal.
 */
export async function pull(run: Run): Promise<void> {
  const { engine, log } = run.needs;
  const { Image: image } = run.body;
  using either = anySignal(run.signals.cancel, run.signals.detach);
  const { signal } = either;
  run.phases.enter("pulling");
  log("info", "pulling image", { run_id: run.id, image });
  const onProgress = progressLog(run.needs, { run_id: run.id, image });
  await retryWhileEngineDown(
    run,
    { signal },
    () => engine.pullImage(image, { signal, onProgress }),
  );
  log("info", "image pulled", { run_id: run.id, image });
}

interface Layer {
  readonly done: boolean;
  readonly bytes: number;
}

/** Takes the engine's progress, and logs the layers and megabytes (10^6 bytes) so far at most every 5 s. */
export function progressLog(
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  fields: Readonly<Record<string, unknown>>,
): (progress: PullProgress) => void {
  const layers = new Map<string, Layer>();
  let logged = clock.monotonic();
  return ({ id, status, progressDetail }) => {
    // In the first line of a pull the id is the tag, not a layer.
    if (id === undefined || status?.startsWith("Pulling from")) return;
    const known = layers.get(id)?.bytes ?? 0;
    const downloaded = status === "Downloading" ? progressDetail?.current ?? 0 : 0;
    layers.set(id, { done: DONE.has(status ?? ""), bytes: Math.max(known, downloaded) });
    if (clock.monotonic() - logged < LOG_INTERVAL_MS) return;
    logged = clock.monotonic();
    const all = [...layers.values()];
    log("info", "pulling image", {
      ...fields,
      layers: `${all.filter(({ done }) => done).length}/${all.length}`,
      megabytes: Math.round(all.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6),
    });
  };
}
