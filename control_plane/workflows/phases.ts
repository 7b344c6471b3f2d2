/** Receives phase signals from the host and records them without delaying the run. */

import { CancellationScope, defineSignal, isCancellation, setHandler } from "@temporalio/workflow";
import type { PlaneActivities } from "../../lib/contract/dispatch.ts";
import type { PhaseStamp } from "../../lib/contract/run.ts";
import { PHASES_SIGNAL } from "../../lib/contract/temporal_names.ts";

export interface Phases {
  /** All stamps in order of arrival; empty until a host accepts the run. */
  readonly seen: readonly PhaseStamp[];
  /** Stops recording, because the outcome carries all phases. */
  stop(): void;
}

/** Listens for phases. One recording runs at a time; stamps that arrive meanwhile go into the next. */
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
    // The sender is not trusted, and a handler that throws would block the workflow for ever.
    if (!Array.isArray(stamps)) return;
    // One by one, because a long list may exceed the limit of call arguments.
    for (const stamp of stamps) {
      seen.push(stamp);
      waiting.push(stamp);
    }
    if (!scope.consideredCancelled) void scope.run(recordWaiting);
  });
  return { seen, stop: () => scope.cancel() };
}
