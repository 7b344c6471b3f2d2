/** ./dev bench plane: the control plane's figures with many hosts and runs on record. */

import { heedInterrupts, orInterrupted } from "../interrupted.ts";
import { main } from "../main.ts";
import { readOptions, WrongUsage } from "../options.ts";
import { print } from "../steps.ts";
import { type Figure, figureJson, figureTable, holds } from "./figures.ts";
import { measured } from "./measured.ts";
import { measureHeartbeats, startHeartbeats } from "./plane_heartbeats.ts";
import { measurePageSize, measureReads } from "./plane_reads.ts";
import { openPlaneStage, type PlaneStage } from "./plane_stage.ts";
import { measureContention, measureDispatch } from "./plane_triggers.ts";

const USUAL_RUNS = "100000";
const MOST_RUNS = 10_000_000;

await main(async () => {
  const { json, runs = USUAL_RUNS } = readOptions("bench plane", {
    json: { type: "boolean", says: "print the figures for machines" },
    runs: { type: "string", says: `how many runs are on record; default ${USUAL_RUNS}` },
  });
  const count = countOf(runs);
  heedInterrupts();
  await using stage = await openPlaneStage(count);
  const figures = await orInterrupted(measure(stage));
  print(json ? figureJson(figures) : `\n${figureTable(figures, "bare")}`);
  return figures.every(holds) ? 0 : 1;
});

function countOf(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= MOST_RUNS) return count;
  throw new WrongUsage(`"--runs" must be a number from 1 to ${MOST_RUNS}, not "${text}"`);
}

/** One after the other, as far as they are not meant to be at the same time. */
async function measure(stage: PlaneStage): Promise<readonly Figure[]> {
  return [
    ...await measured("lists, while nothing else is asked", () => measureReads(stage, "alone")),
    ...await measured("size of the page of runs", () => measurePageSize(stage)),
    ...await measured(
      "heartbeats of 1,000 hosts",
      () => measureHeartbeats(stage, () => startHeartbeats(stage)),
    ),
    ...await measured("lists, while 1,000 hosts send heartbeats", async () => {
      await using _beating = await startHeartbeats(stage);
      return await measureReads(stage, "1,000 hosts");
    }),
    ...await measured("1,000 triggers of one job", () => measureContention(stage)),
    ...await measured("1,000 triggers of 1,000 jobs", () => measureDispatch(stage)),
  ];
}
