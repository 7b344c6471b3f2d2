/** Ends what earlier runs of a job left on this host, so that two containers of a job never run at once. */

import { orAbort } from "../../lib/async/abort.ts";
import { containerName, LABELS } from "../../lib/contract/container.ts";
import type { Engine } from "../../lib/docker/engine.ts";
import { reasonOf } from "../../lib/problems/problem.ts";
import { releaseRun } from "./control.ts";
import { retryWhileEngineDown } from "./retry.ts";
import { isOurs, type Run } from "./run.ts";

/** States in which an agent works or may continue to. */
const ALIVE: readonly string[] = ["running", "paused", "restarting"];

export type Listed = Awaited<ReturnType<Engine["listContainers"]>>;

/** Lists every container of the run's job, including its own. */
export function containersOfJob({ needs, order }: Run, signal: AbortSignal): Promise<Listed> {
  return needs.engine.listContainers([LABELS.job, order.job_id], signal);
}

/**
 * Releases runs of the same job that were issued before this one. Bigeye has one active run per job, so
 * it counts the earlier ones as ended, but after a long partition their agents may still work here.
 *
 * @throws while one of them still runs, and the signal's reason on abort.
 */
export async function endEarlierRuns(
  run: Run,
  { listed, signal }: { readonly listed: Listed; readonly signal: AbortSignal },
): Promise<void> {
  const earlier = await earlierRuns(run, listed);
  if (earlier.length === 0) return;
  // A run whose own workflow is closed must not end another run.
  if (await orAbort(run.phases.acknowledged, signal) === "gone") return;
  await Promise.all(earlier.map((runId) => end(runId, { run, signal })));
}

/** Runs with a container that works, or with an attempt in this process that may be about to start one. */
async function earlierRuns(run: Run, listed: Listed): Promise<readonly string[]> {
  const { host, active, journals } = run.needs;
  const runIds = new Set<string>();
  for (const { Labels, Names, State } of listed) {
    const runId = Labels?.[LABELS.run] ?? "";
    // The name must match as well: any local user could put another run's id into a label.
    const isNamed = Names.includes(`/${containerName(runId)}`);
    if (isNamed && ALIVE.includes(State) && isOurs({ labels: Labels ?? {} }, { runId, host })) {
      runIds.add(runId);
    }
  }
  const ofJob = new Set(runIds);
  for (const runId of active.ids) runIds.add(runId);
  runIds.delete(run.id);

  const earlier: string[] = [];
  for (const runId of runIds) {
    const { order } = (await journals.open(runId)).record;
    const isEarlier = order === undefined
      ? ofJob.has(runId)
      : order.job_id === run.order.job_id && order.issued_at < run.order.issued_at;
    if (isEarlier) earlier.push(runId);
  }
  return earlier;
}

async function end(
  runId: string,
  { run, signal }: { readonly run: Run; readonly signal: AbortSignal },
): Promise<void> {
  const { engine, log } = run.needs;
  const fields = { run_id: runId, for_run: run.id };
  log("warn", "ending an earlier run of the same job", fields);
  try {
    const release = () => orAbort(releaseRun(run.needs, runId, signal), signal);
    await retryWhileEngineDown(run, { signal }, release);
  } catch (error) {
    signal.throwIfAborted();
    const inspect = () => engine.inspectContainer(containerName(runId), signal);
    const found = await retryWhileEngineDown(run, { signal }, inspect);
    if (found && ALIVE.includes(found.state)) throw error;
    // Its agent does not run, which is all that this run needs. The reconciler releases it later.
    log("warn", "could not release the earlier run yet", { ...fields, error: reasonOf(error) });
  }
}
