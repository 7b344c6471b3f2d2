/** Creates a run's container and starts it: once, and only after Bigeye knows that the host took the run. */

import { anySignal, orAbort } from "../../lib/async/abort.ts";
import { LABELS } from "../../lib/contract/container.ts";
import type { RunOutcome } from "../../lib/contract/run.ts";
import { isTrouble } from "../../lib/docker/answers.ts";
import { canceledBeforeStart, closedBeforeStart, failedOutcome } from "../outcome/host_outcome.ts";
import { containersOfJob, endEarlierRuns, type Listed } from "./earlier_runs.ts";
import { pull } from "./pull.ts";
import { retryWhileEngineDown } from "./retry.ts";
import { type Run, tryUpdate } from "./run.ts";

/** Pause before the engine is asked again: after a start without an answer it may still be starting. */
const SETTLE_MS = 2_000;
const HIDDEN_NAME_MS = 60_000;

/** The run's outcome, or the need to inspect the container before the next step. */
export type StepResult = RunOutcome | "inspect again";

/** Answers that a start needs later. They are requested at once, so that the start waits for neither. */
export interface EarlyAnswers {
  readonly hasImage: Promise<boolean>;
  readonly ofJob: Promise<Listed>;
}

export function askEarly(run: Run): EarlyAnswers {
  const signal = run.signals.detach;
  const hasImage = run.needs.engine.hasImage(run.body.Image, signal);
  const ofJob = containersOfJob(run, signal);
  // Avoids unhandled rejections. A caller that awaits the answer still sees the error.
  for (const answer of [hasImage, ofJob]) answer.catch(() => {});
  return { hasImage, ofJob };
}

/** Creates the container, after pulling its image if it is missing, and starts it. */
export async function createAndStart(run: Run, early: EarlyAnswers): Promise<StepResult> {
  if (run.signals.cancel.aborted) return canceledBeforeStart(run);
  const { log } = run.needs;
  const spec = run.body.Labels[LABELS.spec];
  if (spec !== undefined && run.journal.record.spec !== spec) await run.journal.update({ spec });
  try {
    // A cancel does not abort these calls: an aborted create may leave a container that is never removed.
    const signal = run.signals.detach;
    const hasImage = () => run.needs.engine.hasImage(run.body.Image, signal);
    if (!await answerOf(hasImage, { run, signal, early: early.hasImage })) await pull(run);
    const id = await create(run, signal);
    if (id === undefined) return "inspect again"; // the name is taken: adopt its container
    run.journal.note({ container_id: id });
  } catch (error) {
    run.signals.detach.throwIfAborted();
    if (run.signals.cancel.aborted) return canceledBeforeStart(run);
    return failedOutcome(run, error);
  }
  log("info", "container created", { run_id: run.id, container: run.name });
  return await startCreated(run, early);
}

/**
 * Resolves with the id of the new container, or with `undefined` if one of this name exists. After a
 * crash or during a removal an engine may reserve a name without showing its container: that state is
 * waited out for a minute.
 */
async function create(run: Run, signal: AbortSignal): Promise<string | undefined> {
  const { engine, clock } = run.needs;
  const { name, body } = run;
  const createContainer = () => engine.createContainer(name, { body, signal });
  const inspect = () => engine.inspectContainer(name, signal);
  const giveUp = clock.monotonic() + HIDDEN_NAME_MS;
  for (;;) {
    try {
      return await retryWhileEngineDown(run, { signal }, createContainer);
    } catch (error) {
      if (!isTrouble(error, "docker_conflict")) throw error;
      if (await retryWhileEngineDown(run, { signal }, inspect)) return undefined;
      if (clock.monotonic() > giveUp) throw error;
      await clock.sleep(SETTLE_MS, signal);
    }
  }
}

interface Asked<T> {
  readonly run: Run;
  readonly signal: AbortSignal;
  readonly early: Promise<T>;
}

/** Waits for the early answer, and asks again only if the engine was down for it. */
async function answerOf<T>(
  ask: () => Promise<T>,
  { run, signal, early }: Asked<T>,
): Promise<T> {
  let asked: Promise<T> | undefined = early;
  return await retryWhileEngineDown(run, { signal }, () => {
    const answer = asked ?? ask();
    asked = undefined;
    return answer;
  });
}

/** Starts a container that this attempt or an earlier one created. */
export async function startCreated(run: Run, early: EarlyAnswers): Promise<StepResult> {
  const { engine, clock, log } = run.needs;
  const { cancel, detach } = run.signals;
  run.phases.enter("starting");
  using either = anySignal(cancel, detach);
  // Before the start is recorded, because ending an earlier run may take the grace of a stop.
  const [cleared] = await Promise.allSettled([endEarlier(run, { early, signal: either.signal })]);
  detach.throwIfAborted();
  if (cancel.aborted) return await removeCanceled(run);
  if (cleared.status === "rejected") throw cleared.reason;
  const [known, recorded] = await Promise.allSettled([
    orAbort(run.phases.acknowledged, either.signal),
    run.journal.update({ start_requested_at: clock.now().toISOString() }),
  ]);
  detach.throwIfAborted();
  if (cancel.aborted) return await removeCanceled(run);
  if (known.status === "rejected") throw known.reason;
  if (known.value === "gone") {
    await remove(run);
    return closedBeforeStart(run);
  }
  // Without the record on disk, a run that was started and lost would be started again after a crash.
  if (recorded.status === "rejected") throw recorded.reason;
  try {
    await engine.startContainer(run.name, detach);
  } catch (error) {
    detach.throwIfAborted();
    return await afterFailedStart(run, error);
  }
  run.phases.enter("running");
  log("info", "container started", { run_id: run.id, container: run.name });
  await tryUpdate(run, {});
  return "inspect again";
}

async function endEarlier(
  run: Run,
  { early, signal }: { readonly early: EarlyAnswers; readonly signal: AbortSignal },
): Promise<void> {
  const ask = () => containersOfJob(run, signal);
  const listed = await answerOf(ask, { run, signal, early: early.ofJob });
  await endEarlierRuns(run, { listed, signal });
}

async function afterFailedStart(run: Run, error: unknown): Promise<StepResult> {
  const { engine, clock } = run.needs;
  const signal = run.signals.detach;
  if (isTrouble(error, "docker_unavailable")) {
    await clock.sleep(SETTLE_MS, signal);
    return "inspect again";
  }
  const inspect = () => engine.inspectContainer(run.name, signal);
  const found = await retryWhileEngineDown(run, { signal }, inspect);
  return found?.state === "created" ? failedOutcome(run, error) : "inspect again";
}

async function removeCanceled(run: Run): Promise<RunOutcome> {
  await remove(run);
  return canceledBeforeStart(run);
}

async function remove(run: Run): Promise<void> {
  const signal = run.signals.detach;
  const call = () => run.needs.engine.removeContainer(run.name, signal);
  await retryWhileEngineDown(run, { signal }, call);
}
