/** One run, from its dispatch to its outcome on record; the host's word is the truth. */

import { CancellationScope, condition, isCancellation } from "@temporalio/workflow";
import type { AgentRunInput, OutcomeReport } from "../../lib/contract/dispatch.ts";
import type { UnheardOutcome } from "../../lib/contract/run.ts";
import { cancelActivity, planeActivities, releaseActivity, runActivity } from "./activities.ts";
import { outcomeOfFailure } from "./ending.ts";
import { listenForPhases, type Phases } from "./phases.ts";

/** What a request to cancel has come to. */
interface CancelState {
  asked: boolean;
  hostSilent: boolean;
}

/**
 * Has the host run one order, and records how it ended. A request to cancel the workflow is passed
 * to the host; the workflow itself always runs to its end, as an outcome must be recorded.
 */
export async function agentRun(input: AgentRunInput): Promise<void> {
  const cancelRequested = CancellationScope.current().cancelRequested.catch(() => {});
  await CancellationScope.nonCancellable(async () => {
    const phases = listenForPhases(input.run_id, planeActivities.recordPhases);
    const running = new CancellationScope();
    const result = running.run(() => runActivity(input)(input.signed));

    const canceling = new CancellationScope();
    const state: CancelState = { asked: false, hostSilent: false };
    void cancelRequested.then(() =>
      canceling.run(() => passOnCancel(input, { phases, running, state }))
    );
    // What the host has signed is handed on unread; the activity that records it checks it.
    const report: OutcomeReport = await result.then(
      (signed) => ({ signed }),
      (error) => ({ unheard: failedOutcome(error, phases, state) }),
    );
    phases.stop();
    canceling.cancel();

    await planeActivities.recordOutcome(input.run_id, report);
    if ("signed" in report || phases.seen.length > 0) await release(input);
  });
}

/**
 * Before any phase the run is taken off the queue; should a host have taken it just then, it tells
 * by a phase, and is asked to stop. From then on the run's own result is waited for, unless the host
 * does not answer: cancelling then ends a run of which no attempt is under way.
 */
async function passOnCancel(
  { run_id, host_id, installation_id }: AgentRunInput,
  { phases, running, state }: { phases: Phases; running: CancellationScope; state: CancelState },
): Promise<void> {
  state.asked = true;
  try {
    if (phases.seen.length === 0) running.cancel();
    await condition(() => phases.seen.length > 0);
    await cancelActivity(host_id)({ run_id, installation_id });
  } catch (error) {
    // The run ended while the request was on its way.
    if (isCancellation(error)) return;
    state.hostSilent = true;
    running.cancel();
  }
}

function failedOutcome(error: unknown, phases: Phases, state: CancelState): UnheardOutcome {
  return outcomeOfFailure(error, {
    phases: phases.seen,
    cancelAsked: state.asked,
    hostSilent: state.hostSilent,
    // deno-lint-ignore effects/through-ports -- within a workflow this is the history's time
    now: new Date().toISOString(),
  });
}

/** A host that is away releases the run when it next reconciles. */
async function release({ run_id, host_id, installation_id }: AgentRunInput): Promise<void> {
  await releaseActivity(host_id)({ run_id, installation_id }).catch(() => {});
}
