/** What the host of a run would report. */

import type { PhaseStamp, RunOutcome } from "../../../lib/contract/run.ts";
import type { ServedPlane } from "./served_plane.ts";

const at = (plane: ServedPlane, secondsAgo: number): string =>
  new Date(plane.now().getTime() - secondsAgo * 1000).toISOString();

/** The host has the run and its container runs. */
export async function reportRunning(plane: ServedPlane, runId: string): Promise<void> {
  await plane.store.outbox.claim([runId]);
  const phases: PhaseStamp[] = [
    { phase: "accepted", at: at(plane, 3) },
    { phase: "pulling", at: at(plane, 2.5) },
    { phase: "starting", at: at(plane, 1) },
    { phase: "running", at: at(plane, 0.5) },
  ];
  await plane.store.outbox.recordPhases(runId, phases);
}

export async function reportEnd(
  plane: ServedPlane,
  runId: string,
  outcome: Partial<RunOutcome> = {},
): Promise<void> {
  await plane.store.outbox.recordOutcome(runId, {
    status: "succeeded",
    exit_code: 0,
    phases: [],
    ended_at: at(plane, 0),
    ...outcome,
  });
}
