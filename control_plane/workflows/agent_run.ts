/** The workflow of one run: dispatches it to its host and records the outcome that the host reports. */

import { CancellationScope, condition, isCancellation } from "@temporalio/workflow";
import type { AgentRunInput, OutcomeReport } from "../../lib/contract/dispatch.ts";
import type { InferredOutcome } from "../../lib/contract/run.ts";
import { cancelActivity, planeActivities, releaseActivity, runActivity } from "./activities.ts";
import { outcomeOfFailure } from "./ending.ts";
import { listenForPhases, type Phases } from "./phases.ts";

/** The state of a cancel request. */
interface CancelState {
  asked: boolean;
  hostSilent: boolean;
}

/**
 * Runs one order on its host and records the outcome. A request to cancel the workflow is forwarded to the
 * host; the workflow itself always runs to its end, because an outcome must be recorded.
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
      canceling.run(() => forwardCancel(input, { phases, running, state }))
    );
    // The signed outcome is passed on unread; the recording activity verifies it.
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
 * Forwards a cancel request. Before any phase, the run is removed from the queue; if a host took it just
 * then, a phase arrives and the host is asked to stop. Then the run's own result is awaited. If the host
 * does not answer, cancelling ends a run that has no attempt in progress.
 */
async function forwardCancel(
  { run_id, host_id, installation_id }: AgentRunInput,
  { phases, running, state }: { phases: Phases; running: CancellationScope; state: CancelState },
): Promise<void> {
  state.asked = true;
  try {
    if (phases.seen.length === 0) running.cancel();
    await condition(() => phases.seen.length > 0);
    await cancelActivity(host_id)({ run_id, installation_id });
  } catch (error) {
    // The run ended before the request arrived.
    if (isCancellation(error)) return;
    state.hostSilent = true;
    running.cancel();
  }
}

function failedOutcome(error: unknown, phases: Phases, state: CancelState): InferredOutcome {
  return outcomeOfFailure(error, {
    phases: phases.seen,
    cancelAsked: state.asked,
    hostSilent: state.hostSilent,
    // deno-lint-ignore effects/through-ports -- within a workflow this is the history's time
    now: new Date().toISOString(),
  });
}

/** Lets the host remove the run's container. An unreachable host does so when it reconciles. */
async function release({ run_id, host_id, installation_id }: AgentRunInput): Promise<void> {
  await releaseActivity(host_id)({ run_id, installation_id }).catch(() => {});
}
