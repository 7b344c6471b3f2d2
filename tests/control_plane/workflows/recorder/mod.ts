/** Records the workflow history of each scenario. */

import assert from "node:assert/strict";
import { runWorkflowId } from "../../../../lib/contract/temporal_names.ts";
import { withoutTime } from "../../../harness/temporal/over_temporal.ts";
import { type RecordedHistory, writeHistory } from "../history_file.ts";
import { CANCEL_WAYS } from "./cancel_ways.ts";
import { RUN_WAYS, type RunWay } from "./run_ways.ts";
import { onScene, PLANE_CODEC } from "./scene.ts";
import { playSchedule, SCHEDULE_WAYS } from "./schedule_ways.ts";

const RECORDINGS: ReadonlyMap<string, () => Promise<RecordedHistory>> = new Map([
  ...Object.entries({ ...RUN_WAYS, ...CANCEL_WAYS })
    .map(([name, way]) => [name, () => playRun(way)] as const),
  ...Object.entries(SCHEDULE_WAYS)
    .map(([name, way]) => [name, () => playSchedule(way)] as const),
]);

/** The names of the scenarios. */
export const WAYS: readonly string[] = [...RECORDINGS.keys()];

/** Plays a scenario and writes its history. @throws if the run does not end as expected. */
export async function record(way: string): Promise<void> {
  const recording = RECORDINGS.get(way);
  if (!recording) throw new Error(`There is no way "${way}" to record`);
  await writeHistory(way, await recording(), PLANE_CODEC);
}

/** Plays a scenario of a run. @throws if the run does not end as expected. */
async function playRun(way: RunWay): Promise<RecordedHistory> {
  return await onScene(way, async (scene) => {
    const run = await way.play(scene);
    const outcomes = scene.world.plane.outbox.outcomes(run).map(withoutTime);
    assert.deepEqual(outcomes, [withoutTime({ ended_at: "", ...way.outcome })]);
    const history = await scene.histories.ended(runWorkflowId(run));
    if (way.shows !== undefined) {
      assert.ok(JSON.stringify(history).includes(way.shows), `no ${way.shows} in the history`);
    }
    return history;
  });
}
