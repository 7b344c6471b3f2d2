/** Kills the control plane five times under load. `./dev bench plane` does so a hundred times. */

import assert from "node:assert/strict";
import { killUnderLoad } from "../harness/kills/kill_under_load.ts";
import { openKillStage } from "../harness/kills/stage.ts";
import { acceptance, type Built } from "./support/acceptance.ts";

const KILLS = 5;
const JOBS_OF_CALLER = 3;

const NAME =
  "kill -9 of the control plane under load loses, doubles or blocks no run, and tears no write";

async function kills({ temporal, binaries }: Built): Promise<void> {
  const seed = Math.floor(Math.random() * 1_000_000);
  await using stage = await openKillStage({
    temporal,
    controlPlane: `${binaries}/bigeye-control-plane`,
    jobsOfCaller: JOBS_OF_CALLER,
    seed,
  });
  const report = await killUnderLoad(stage, { kills: KILLS, seed, onKilled: () => {} });
  const { runViolations, writeViolations, runs, changes } = report;
  assert.deepEqual({ seed, runViolations, writeViolations }, {
    seed,
    runViolations: [],
    writeViolations: [],
  });
  assert(runs > 0 && changes > runs, `${runs} runs, ${changes} changes`);
}

acceptance(NAME, kills, { native: true });
