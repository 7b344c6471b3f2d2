/** Moves a run to its end from wherever it stands: looks, takes the one step that fits, looks again. */

import type { RunOutcome } from "../../lib/contract/run.ts";
import type { Container } from "../../lib/docker/engine.ts";
import {
  type Begun,
  canceledBeforeStart,
  createAndStart,
  type Early,
  startCreated,
} from "./begin.ts";
import { retryWhileEngineDown } from "./daemon.ts";
import { exitOutcome } from "../outcome/exit.ts";
import { hostOutcome, nextStep, remember, type Run } from "./run.ts";
import { watch } from "./watch.ts";

export interface ConvergeOptions {
  /** The host has never seen this run, so there is nothing to look for. */
  readonly fresh: boolean;
  readonly early: Early;
}

/** Resolves with the run's outcome; rejects when it was handed back or the engine stayed away. */
export async function converge(
  run: Run,
  { fresh, early }: ConvergeOptions,
): Promise<RunOutcome> {
  let found = fresh ? undefined : await look(run);
  for (;;) {
    const result = await takeStep(run, { found, early });
    if (result !== "look again") return result;
    found = await look(run);
  }
}

async function takeStep(
  run: Run,
  { found, early }: { readonly found: Container | undefined; readonly early: Early },
): Promise<Begun> {
  const { journal, body, needs: { host } } = run;
  const step = nextStep(found, { record: journal.record, body, runId: run.id, host });
  if (run.signals.cancel.aborted) await rememberCancel(run);
  if (step === "create") return await createAndStart(run, early);
  if (!found || step === "lost") return lostOutcome(run);
  if (step === "foreign") return foreignOutcome(run, found);
  if (step === "start") return await startCreated(run, early);
  if (step === "finish") return await exitOutcome(run, found);
  await watch(run, found);
  return "look again";
}

async function look(run: Run): Promise<Container | undefined> {
  const signal = run.signals.detach;
  const inspect = () => run.needs.engine.inspectContainer(run.name, signal);
  return await retryWhileEngineDown(run, { signal }, inspect);
}

/** A cancel that came through Temporal is not on disk yet; an attempt after this one must know. */
async function rememberCancel(run: Run): Promise<void> {
  if (run.journal.record.cancel_requested_at !== undefined) return;
  await remember(run, { cancel_requested_at: run.needs.clock.now().toISOString() });
}

function lostOutcome(run: Run): RunOutcome {
  // Whatever became of it, it does not run, and that is what was asked for.
  if (run.signals.cancel.aborted) return canceledBeforeStart(run);
  return hostOutcome(run, {
    reason: "lost_container",
    message: `Container "${run.name}" is gone: something other than this host removed it, ` +
      "and how the agent ended is not known",
  });
}

function foreignOutcome(run: Run, { name, labels }: Container): RunOutcome {
  const keys = Object.keys(labels).length;
  return hostOutcome(run, {
    reason: "internal",
    message: `The name "${name}" is taken by a container that was not made for this run ` +
      `(${keys} labels, none of which was trusted); remove it with "docker rm ${name}"`,
  });
}
