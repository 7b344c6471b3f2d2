/** Trigger → first instruction and trigger → outcome, against the bare engine, turn and turn about. */

import type { Scene } from "../../../tests/harness/scene/scene.ts";
import { epochMs, stampOf } from "../../../tests/harness/scene/stamps.ts";
import type { BareEngine, BareRun } from "./bare_engine.ts";
import { createBenchJob } from "./bench_job.ts";
import { type Figure, median, quantile } from "../figures.ts";

const RUNS = 50;
const FILE = "quick.properties";

export async function measureStart(scene: Scene, bare: BareEngine): Promise<readonly Figure[]> {
  const job = await createBenchJob(scene, {
    name: "start",
    file: FILE,
    text: "standin.seconds=0\n",
  });
  const ours: BareRun[] = [];
  const theirs: BareRun[] = [];
  await timedRun(scene, job.id); // warms both halves; not counted
  await bare.run(FILE);
  for (let run = 0; run < RUNS; run++) {
    theirs.push(await bare.run(FILE));
    ours.push(await timedRun(scene, job.id));
  }
  return [
    ...ourPart(ours, theirs),
    {
      name: "trigger → outcome recorded, p50",
      unit: "ms",
      value: median(ours.map(({ doneMs }) => doneMs)),
      limit: 2 * median(theirs.map(({ doneMs }) => doneMs)),
      baseline: median(theirs.map(({ doneMs }) => doneMs)),
      samples: RUNS,
    },
  ];
}

/** Triggers one run and waits for its record to be closed. */
async function timedRun(scene: Scene, jobId: string): Promise<BareRun> {
  const before = epochMs();
  const { id } = await scene.rest.trigger(jobId);
  const ended = await scene.rest.ended(id);
  const doneMs = epochMs() - before;
  if (ended.status !== "succeeded") throw new Error(`Run ${id} ended as ${ended.status}`);
  return { startMs: await stampOf(scene, id, "first_instruction") - before, doneMs };
}

/**
 * What the product adds to create + start: every quantile of ours less the bare engine's median, so
 * that a slow engine's tail counts against us rather than hiding ours.
 */
function ourPart(ours: readonly BareRun[], theirs: readonly BareRun[]): readonly Figure[] {
  const [start, bareStart] = [ours, theirs].map((runs) => runs.map(({ startMs }) => startMs));
  if (!start || !bareStart) return [];
  const baseline = median(bareStart);
  return [
    {
      name: "trigger → first instruction, p50",
      unit: "ms",
      value: median(start),
      baseline,
      samples: RUNS,
    },
    {
      name: "of it our part, p50 less the bare p50",
      unit: "ms",
      value: median(start) - baseline,
      baseline,
      limit: 120,
      samples: RUNS,
    },
    {
      name: "of it our part, p99 less the bare p50",
      unit: "ms",
      value: quantile(start, 0.99) - baseline,
      baseline,
      limit: 500,
      samples: RUNS,
    },
  ];
}
