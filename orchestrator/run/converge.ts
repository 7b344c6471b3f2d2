/** Brings a run to its end from any state: inspects the container, takes the step that fits, inspects again. */

import { LABELS } from "../../lib/contract/container.ts";
import type { RunOutcome } from "../../lib/contract/run.ts";
import type { Container } from "../../lib/docker/engine.ts";
import { canceledBeforeStart, lostOutcome, nameTakenOutcome } from "../outcome/host_outcome.ts";
import { exitOutcome } from "../outcome/outcome.ts";
import { createAndStart, type EarlyAnswers, startCreated, type StepResult } from "./begin.ts";
import { retryWhileEngineDown } from "./retry.ts";
import { isOurs, type Run, tryUpdate } from "./run.ts";
import { watch } from "./watch.ts";

export interface ConvergeOptions {
  /** The host has never seen this run, so the first inspection is skipped. */
  readonly fresh: boolean;
  readonly early: EarlyAnswers;
}

/**
 * Resolves with the run's outcome.
 *
 * @throws EngineDown, the Problems of the engine, and the detach signal's reason.
 */
export async function converge(
  run: Run,
  { fresh, early }: ConvergeOptions,
): Promise<RunOutcome> {
  let found = fresh ? undefined : await inspect(run);
  for (;;) {
    const result = await takeStep(run, { found, early });
    if (result !== "inspect again") return result;
    found = await inspect(run);
  }
}

async function takeStep(
  run: Run,
  { found, early }: { readonly found: Container | undefined; readonly early: EarlyAnswers },
): Promise<StepResult> {
  const step = nextStep(run, found);
  const isCanceled = run.signals.cancel.aborted;
  if (isCanceled) await recordCancel(run);
  if (step === "create") return await createAndStart(run, early);
  if (!found || step === "lost") {
    // The container does not run, and that is what the cancel asked for.
    return isCanceled ? canceledBeforeStart(run) : lostOutcome(run, run.name);
  }
  if (step === "foreign") return nameTakenOutcome(run, found);
  if (step === "start") return await startCreated(run, early);
  if (step === "finish") return await exitOutcome(run, found);
  await watch(run, found);
  return "inspect again";
}

/**
 * Chooses the next step from the container and the journal. A container of another owner is never
 * touched. A container that was to be started and no longer exists is lost, and is not made again.
 */
function nextStep(
  { id, journal: { record }, body, needs: { host } }: Run,
  found: Container | undefined,
): "create" | "start" | "follow" | "finish" | "lost" | "foreign" {
  if (!found) return record.start_requested_at === undefined ? "create" : "lost";
  // The journal's digest comes first: settings may have changed since the container was made.
  const spec = record.spec ?? body.Labels[LABELS.spec];
  if (!isOurs(found, { runId: id, host }) || found.labels[LABELS.spec] !== spec) return "foreign";
  if (found.state === "created") return "start";
  if (found.state === "exited" || found.state === "dead") return "finish";
  return found.state === "removing" ? "lost" : "follow";
}

async function inspect(run: Run): Promise<Container | undefined> {
  const signal = run.signals.detach;
  const call = () => run.needs.engine.inspectContainer(run.name, signal);
  return await retryWhileEngineDown(run, { signal }, call);
}

/** A cancel through Temporal is not in the journal yet, and the next attempt must know of it. */
async function recordCancel(run: Run): Promise<void> {
  if (run.journal.record.cancel_requested_at !== undefined) return;
  await tryUpdate(run, { cancel_requested_at: run.needs.clock.now().toISOString() });
}
