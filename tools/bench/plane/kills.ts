/** Kills the control plane at random moments under load, and counts lost, doubled or stuck runs and torn writes. */

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

/** Enough jobs that one is always free, because a killed workflow task is retried only after 10 s. */
const JOBS_OF_CALLER = 40;
const PROGRESS_EVERY = 10;

/** Uses a new stage with the built programs. */
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
      if (count % PROGRESS_EVERY === 0) tell(`         ${count} of ${kills} kills, ${runs} runs`);
    },
  }));
  const { runs, changes, logsLeft, startsMs, runViolations, writeViolations } = report;
  for (const violation of [...runViolations, ...writeViolations]) tell(`WRONG    ${violation}`);
  tell(`         ${logsLeft} kills left a write-ahead log`);
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
