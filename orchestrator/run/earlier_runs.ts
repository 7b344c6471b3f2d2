/** Ends what is left here of earlier runs of a job, so that two of its containers never run at once. */

import { containerName, LABELS } from "../../lib/contract/container.ts";
import type { Engine } from "../../lib/docker/engine.ts";
import { orAbort } from "../../lib/async/abort.ts";
import { reasonOf } from "../../lib/problems/problem.ts";
import { releaseRun } from "./control.ts";
import { retryWhileEngineDown } from "./daemon.ts";
import { isOurs, type Run } from "./run.ts";

/** States in which an agent works, or may go on to. */
const ALIVE: readonly string[] = ["running", "paused", "restarting"];

export type Listed = Awaited<ReturnType<Engine["listContainers"]>>;

/** Every container of the run's job, its own included. */
export function containersOfJob({ needs, order }: Run, signal: AbortSignal): Promise<Listed> {
  return needs.engine.listContainers([LABELS.job, order.job_id], signal);
}

/**
 * Releases runs of the same job that were issued before this one. Bigeye has one active run a job, so it
 * counts them as ended: after a long partition their agents may work on here all the same. Rejects
 * while one of them still runs, and with the signal's reason.
 */
export async function endEarlierRuns(
  run: Run,
  { listed, signal }: { readonly listed: Listed; readonly signal: AbortSignal },
): Promise<void> {
  const earlier = await earlierRuns(run, listed);
  if (earlier.length === 0) return;
  // A run whose workflow is closed itself must not end another one.
  if (await orAbort(run.phases.acknowledged, signal) === "gone") return;
  await Promise.all(earlier.map((runId) => end(runId, { run, signal })));
}

/** Containers that work, and attempts in this process that may be about to start theirs. */
async function earlierRuns(run: Run, listed: Listed): Promise<readonly string[]> {
  const { host, active, journals } = run.needs;
  const runIds = new Set<string>();
  for (const { Labels, Names, State } of listed) {
    const runId = Labels?.[LABELS.run] ?? "";
    // By its name as well: labels alone would let any container name any run.
    const isIts = Names.includes(`/${containerName(runId)}`);
    if (isIts && ALIVE.includes(State) && isOurs({ labels: Labels ?? {} }, { runId, host })) {
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
    const release = () => releaseRun(run.needs, runId, signal);
    await retryWhileEngineDown(run, { signal }, () => orAbort(release(), signal));
  } catch (error) {
    signal.throwIfAborted();
    const inspect = () => engine.inspectContainer(containerName(runId), signal);
    const found = await retryWhileEngineDown(run, { signal }, inspect);
    if (found && ALIVE.includes(found.state)) throw error;
    // It does not run any more, and that is what matters; the reconciler tries the rest again.
    log("warn", "earlier run not released yet", { ...fields, error: reasonOf(error) });
  }
}
