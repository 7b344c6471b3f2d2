/** ./dev bench plane: measures the control plane with many hosts and runs in its database. */

import { heedInterrupts, orInterrupted } from "../cli/interrupted.ts";
import { main } from "../cli/main.ts";
import { readOptions, WrongUsage } from "../cli/options.ts";
import { print } from "../cli/steps.ts";
import { type Figure, figureJson, figureTable, holds, measured } from "../bench/figures.ts";
import { measureHeartbeats, startHeartbeats } from "../bench/plane/heartbeats.ts";
import { type KillMeasurement, measureKills } from "../bench/plane/kills.ts";
import { measureFirstPaint } from "../bench/plane/paint.ts";
import { measurePageSize, measureReads } from "../bench/plane/reads.ts";
import { openPlaneStage, type PlaneStage } from "../bench/plane/stage.ts";
import { measureContention, measureDispatch } from "../bench/plane/triggers.ts";

const DEFAULT_RUNS = "100000";
const MAX_RUNS = 10_000_000;
const DEFAULT_KILLS = "100";
const MAX_KILLS = 10_000;
const MAX_SEED = 2 ** 31;

await main(async () => {
  const { json, runs = DEFAULT_RUNS, kills = DEFAULT_KILLS, seed = newSeed() } = readOptions(
    "bench plane",
    {
      json: { type: "boolean", says: "print the figures as JSON" },
      runs: { type: "string", says: `number of runs in the database; default ${DEFAULT_RUNS}` },
      kills: {
        type: "string",
        says: `number of kills, 0 for none; default ${DEFAULT_KILLS}`,
      },
      seed: { type: "string", says: "seed of the random moments of the kills; default random" },
    },
  );
  const count = numberIn(runs, { option: "--runs", min: 1, max: MAX_RUNS });
  const plan = {
    kills: numberIn(kills, { option: "--kills", min: 0, max: MAX_KILLS }),
    seed: numberIn(seed, { option: "--seed", min: 1, max: MAX_SEED }),
  };
  heedInterrupts();
  const figures = [...await measureFilled(count), ...await measureKilled(plan)];
  print(json ? figureJson(figures) : `\n${figureTable(figures, "bare")}`);
  return figures.every(holds) ? 0 : 1;
});

function newSeed(): string {
  return String(1 + Math.floor(Math.random() * 1_000_000));
}

function numberIn(
  text: string,
  { option, min, max }: { option: string; min: number; max: number },
): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && number <= max) return number;
  throw new WrongUsage(`"${option}" must be a number from ${min} to ${max}, not "${text}"`);
}

async function measureFilled(runs: number): Promise<readonly Figure[]> {
  await using stage = await openPlaneStage(runs);
  return await orInterrupted(measure(stage));
}

async function measureKilled(plan: KillMeasurement): Promise<readonly Figure[]> {
  if (plan.kills === 0) return [];
  const what = `kill -9 of the control plane under load, --seed ${plan.seed}`;
  return await measured(what, () => measureKills(plan));
}

/** Runs the measurements one after the other, because they would disturb each other. */
async function measure(stage: PlaneStage): Promise<readonly Figure[]> {
  return [
    ...await measured("lists, without other requests", () => measureReads(stage, "alone")),
    ...await measured("size of the page of runs", () => measurePageSize(stage)),
    ...await measured("first paint of the page of runs", () => measureFirstPaint(stage)),
    ...await measured("heartbeats of 1,000 hosts", () => measureHeartbeats(stage)),
    ...await measured("lists, while 1,000 hosts send heartbeats", async () => {
      await using _beating = await startHeartbeats(stage);
      return await measureReads(stage, "1,000 hosts");
    }),
    ...await measured("1,000 triggers of one job", () => measureContention(stage)),
    ...await measured("1,000 triggers of 1,000 jobs", () => measureDispatch(stage)),
  ];
}
