/** Brings a run's container into being and starts it: once, and not before Bigeye knows. */

import { anySignal, orAbort } from "../../lib/async/abort.ts";
import { LABELS } from "../../lib/contract/container.ts";
import type { RunOutcome } from "../../lib/contract/run.ts";
import { isTrouble } from "../../lib/docker/errors.ts";
import { retryWhileEngineDown } from "./daemon.ts";
import { containersOfJob, endEarlierRuns, type Listed } from "./earlier_runs.ts";
import { failedOutcome } from "../outcome/failure.ts";
import { pullReport } from "./pull_report.ts";
import { hostOutcome, remember, type Run } from "./run.ts";

/** After a start without an answer: the engine may still be at it, and a second start would run it twice. */
const SETTLE_MS = 2_000;
const HIDDEN_NAME_MS = 60_000;

/** The run's end when there is one already; otherwise the engine must be asked where it stands. */
export type Begun = RunOutcome | "look again";

/** What is asked of the engine at once and needed later, so that a start waits for neither. */
export interface Early {
  readonly hasImage: Promise<boolean>;
  readonly ofJob: Promise<Listed>;
}

export function askEarly(run: Run): Early {
  const signal = run.signals.detach;
  const hasImage = run.needs.engine.hasImage(run.body.Image, signal);
  const ofJob = containersOfJob(run, signal);
  // Whoever needs an answer hears of its failure.
  for (const asked of [hasImage, ofJob]) asked.catch(() => {});
  return { hasImage, ofJob };
}

/** Makes the container, pulling its image first where it is missing, and starts it. */
export async function createAndStart(run: Run, early: Early): Promise<Begun> {
  if (run.signals.cancel.aborted) return canceledBeforeStart(run);
  const { log } = run.needs;
  const spec = run.body.Labels[LABELS.spec];
  if (spec !== undefined && run.journal.record.spec !== spec) await run.journal.update({ spec });
  try {
    // Not aborted by a cancel: half a call could leave a container behind that nobody looks for.
    const signal = run.signals.detach;
    const hasImage = () => run.needs.engine.hasImage(run.body.Image, signal);
    if (!await answerTo(hasImage, { run, signal, early: early.hasImage })) await pull(run);
    const id = await create(run, signal);
    if (id === undefined) return "look again"; // the name is taken: adopt
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
 * The id of a new container, or nothing when one of this name is there. An engine may hold a name whose
 * container it does not show, as after a crash or during a removal: that is waited out for a minute.
 */
async function create(run: Run, signal: AbortSignal): Promise<string | undefined> {
  const { engine, clock } = run.needs;
  const { name, body } = run;
  const giveUp = clock.monotonic() + HIDDEN_NAME_MS;
  for (;;) {
    try {
      return await retryWhileEngineDown(
        run,
        { signal },
        () => engine.createContainer(name, { body, signal }),
      );
    } catch (error) {
      if (!isTrouble(error, "docker_conflict")) throw error;
      const inspect = () => engine.inspectContainer(name, signal);
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

/** The answer to the early question, or to another one when the engine was away for it. */
async function answerTo<T>(
  ask: () => Promise<T>,
  { run, signal, early }: Asked<T>,
): Promise<T> {
  let asked: Promise<T> | undefined = early;
  return await retryWhileEngineDown(run, { signal }, () => {
    const question = asked ?? ask();
    asked = undefined;
    return question;
  });
}

async function pull(run: Run): Promise<void> {
  const { engine, log } = run.needs;
  const { Image: image } = run.body;
  using either = anySignal(run.signals.cancel, run.signals.detach);
  const { signal } = either;
  run.phases.enter("pulling");
  log("info", "pulling image", { run_id: run.id, image });
  await retryWhileEngineDown(run, { signal }, () =>
    engine.pullImage(image, {
      signal,
      onProgress: pullReport(run.needs, { run_id: run.id, image }),
    }));
  log("info", "image pulled", { run_id: run.id, image });
}

/** Starts a container that was created, by this attempt or an earlier one. */
export async function startCreated(run: Run, early: Early): Promise<Begun> {
  const { engine, clock, log } = run.needs;
  const { cancel, detach } = run.signals;
  run.phases.enter("starting");
  using either = anySignal(cancel, detach);
  // Before the start is on disk, as it may take the grace of a stop.
  const [cleared] = await Promise.allSettled([clearTheWay(run, { early, signal: either.signal })]);
  detach.throwIfAborted();
  if (cancel.aborted) return await removeCanceled(run);
  if (cleared.status === "rejected") throw cleared.reason;
  const [known, remembered] = await Promise.allSettled([
    orAbort(run.phases.acknowledged, either.signal),
    run.journal.update({ start_requested_at: clock.now().toISOString() }),
  ]);
  detach.throwIfAborted();
  if (cancel.aborted) return await removeCanceled(run);
  if (known.status === "rejected") throw known.reason;
  if (known.value === "gone") return await removeUnwanted(run);
  // Started without that on disk it would look, after a crash, as if it never had been.
  if (remembered.status === "rejected") throw remembered.reason;
  try {
    await engine.startContainer(run.name, detach);
  } catch (error) {
    detach.throwIfAborted();
    return await afterFailedStart(run, error);
  }
  run.phases.enter("running");
  log("info", "container started", { run_id: run.id, container: run.name });
  await remember(run, {});
  return "look again";
}

async function clearTheWay(
  run: Run,
  { early, signal }: { readonly early: Early; readonly signal: AbortSignal },
): Promise<void> {
  const ask = () => containersOfJob(run, signal);
  const listed = await answerTo(ask, { run, signal, early: early.ofJob });
  await endEarlierRuns(run, { listed, signal });
}

async function afterFailedStart(run: Run, error: unknown): Promise<Begun> {
  const { engine, clock } = run.needs;
  const signal = run.signals.detach;
  if (isTrouble(error, "docker_unavailable")) {
    await clock.sleep(SETTLE_MS, signal);
    return "look again";
  }
  const found = await retryWhileEngineDown(
    run,
    { signal },
    () => engine.inspectContainer(run.name, signal),
  );
  return found?.state === "created" ? failedOutcome(run, error) : "look again";
}

async function removeCanceled(run: Run): Promise<RunOutcome> {
  await remove(run);
  return canceledBeforeStart(run);
}

/** The workflow ended before the container was started: nobody is left to run it for. */
async function removeUnwanted(run: Run): Promise<RunOutcome> {
  await remove(run);
  return hostOutcome(run, {
    reason: "internal",
    message: "Bigeye had closed this run before its container was started",
  });
}

async function remove(run: Run): Promise<void> {
  const signal = run.signals.detach;
  await retryWhileEngineDown(
    run,
    { signal },
    () => run.needs.engine.removeContainer(run.name, signal),
  );
}

export function canceledBeforeStart(run: Run): RunOutcome {
  return hostOutcome(run, {
    status: "canceled",
    reason: "canceled_by_user",
    message: "Canceled before the agent was started",
  });
}
