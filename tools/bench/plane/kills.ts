/** `kill -9` of the control plane at random moments under load: no run lost, doubled or stuck, no torn write. */

import { openedOrInterrupted, orInterrupted } from "../../cli/interrupted.ts";
import { DIST } from "../../cli/paths.ts";
import { temporal } from "../../setup/temporal.ts";
import { tell } from "../../cli/steps.ts";
import { type Figure, quantile } from "../figures.ts";
import { killUnderLoad } from "../../../tests/harness/kills/kill_under_load.ts";
import { openKillStage } from "../../../tests/harness/kills/stage.ts";

export interface KillMeasurement {
  readonly kills: number;
  readonly seed: number;
}

/** Enough that there is always one to trigger: a run that a kill has met goes on after 10 s. */
const JOBS_OF_CALLER = 40;
const TOLD_EVERY = 10;

/** On a stage of its own, of the programs as they were built. */
export async function measureKills({ kills, seed }: KillMeasurement): Promise<readonly Figure[]> {
  const program = await orInterrupted(temporal());
  await using stage = await openedOrInterrupted(openKillStage({
    temporal: program,
    controlPlane: `${DIST}/bigeye-control-plane`,
    jobsOfCaller: JOBS_OF_CALLER,
    seed,
  }));
  const report = await orInterrupted(killUnderLoad(stage, {
    kills,
    seed,
    onKilled: (count, runs) => {
      if (count % TOLD_EVERY === 0) tell(`         ${count} of ${kills} kills, ${runs} runs`);
    },
  }));
  const { runs, changes, logsLeft, startsMs, runViolations, writeViolations } = report;
  for (const violation of [...runViolations, ...writeViolations]) tell(`WRONG    ${violation}`);
  tell(`         ${logsLeft} of the kills left a write-ahead log`);
  const name = `kill -9, ${kills} times, seed ${seed}`;
  return [
    {
      name: `${name}: runs lost, doubled, stuck`,
      unit: "runs",
      value: runViolations.length,
      limit: 0,
      samples: runs,
    },
    {
      name: `${name}: writes lost, torn`,
      unit: "writes",
      value: writeViolations.length,
      limit: 0,
      samples: changes,
    },
    {
      name: `${name}: start → it answers, max`,
      unit: "s",
      value: quantile(startsMs, 1) / 1000,
      samples: startsMs.length,
    },
  ];
}
