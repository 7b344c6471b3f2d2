/** Takes the host's phase signals and has them recorded, without ever holding the run up. */

import { CancellationScope, defineSignal, isCancellation, setHandler } from "@temporalio/workflow";
import type { PlaneActivities } from "../../lib/contract/dispatch.ts";
import type { PhaseStamp } from "../../lib/contract/run.ts";
import { PHASES_SIGNAL } from "../../lib/contract/temporal_names.ts";

export interface Phases {
  /** Every stamp so far, in the order of arrival; none means that no host has accepted the run. */
  readonly seen: readonly PhaseStamp[];
  /** Records no more: the outcome, which carries all phases, is about to be recorded. */
  stop(): void;
}

/** Listens for phases; one recording is on its way at a time, and what comes meanwhile goes with the next. */
export function listenForPhases(runId: string, record: PlaneActivities["recordPhases"]): Phases {
  const seen: PhaseStamp[] = [];
  let waiting: PhaseStamp[] = [];
  let isRecording = false;
  const scope = new CancellationScope();

  async function recordWaiting(): Promise<void> {
    if (isRecording) return;
    isRecording = true;
    try {
      while (waiting.length > 0) {
        const batch = waiting;
        waiting = [];
        await record(runId, batch);
      }
    } catch (error) {
      if (!isCancellation(error)) throw error;
    } finally {
      isRecording = false;
    }
  }

  setHandler(defineSignal<[readonly PhaseStamp[]]>(PHASES_SIGNAL), (stamps) => {
    // Anybody may signal, and a handler that throws would hold the workflow up for ever.
    if (!Array.isArray(stamps)) return;
    // One by one: a list may be longer than a call takes arguments.
    for (const stamp of stamps) {
      seen.push(stamp);
      waiting.push(stamp);
    }
    if (!scope.consideredCancelled) void scope.run(recordWaiting);
  });
  return { seen, stop: () => scope.cancel() };
}
