/** ./dev bench plane: the control plane's figures with many hosts and runs on record. */

import { heedInterrupts, orInterrupted } from "../cli/interrupted.ts";
import { main } from "../cli/main.ts";
import { readOptions, WrongUsage } from "../cli/options.ts";
import { print } from "../cli/steps.ts";
import { type Figure, figureJson, figureTable, holds } from "./figures.ts";
import { measured } from "./measured.ts";
import { measureHeartbeats, startHeartbeats } from "./plane/heartbeats.ts";
import { type KillMeasurement, measureKills } from "./plane/kills.ts";
import { measureFirstPaint } from "./plane/paint.ts";
import { measurePageSize, measureReads } from "./plane/reads.ts";
import { openPlaneStage, type PlaneStage } from "./plane/stage.ts";
import { measureContention, measureDispatch } from "./plane/triggers.ts";

const USUAL_RUNS = "100000";
const MOST_RUNS = 10_000_000;
const USUAL_KILLS = "100";
const MOST_KILLS = 10_000;
const MOST_SEED = 2 ** 31;

await main(async () => {
  const { json, runs = USUAL_RUNS, kills = USUAL_KILLS, seed = newSeed() } = readOptions(
    "bench plane",
    {
      json: { type: "boolean", says: "print the figures for machines" },
      runs: { type: "string", says: `how many runs are on record; default ${USUAL_RUNS}` },
      kills: {
        type: "string",
        says: `how often it is killed, 0 for never; default ${USUAL_KILLS}`,
      },
      seed: { type: "string", says: "of the moments of the kills; default any" },
    },
  );
  const count = numberIn(runs, { option: "--runs", least: 1, most: MOST_RUNS });
  const plan = {
    kills: numberIn(kills, { option: "--kills", least: 0, most: MOST_KILLS }),
    seed: numberIn(seed, { option: "--seed", least: 1, most: MOST_SEED }),
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
  { option, least, most }: { option: string; least: number; most: number },
): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new WrongUsage(`"${option}" must be a number from ${least} to ${most}, not "${text}"`);
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

/** One after the other, as far as they are not meant to be at the same time. */
async function measure(stage: PlaneStage): Promise<readonly Figure[]> {
  return [
    ...await measured("lists, while nothing else is asked", () => measureReads(stage, "alone")),
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
