/** Measures start, cancel and crash recovery of runs against the bare engine, by turns. */

import type { Scene } from "../../../tests/harness/scene/scene.ts";
import { serviceContainer } from "../../../tests/harness/scene/host.ts";
import { epochMs, stampOf } from "../../../tests/harness/scene/stamps.ts";
import { waitFor } from "../../../tests/harness/time/wait.ts";
import { run } from "../../cli/run.ts";
import { type Figure, median, quantile } from "../figures.ts";
import type { BareEngine, BareRun } from "./bare_engine.ts";
import { createBenchJob } from "./bench_job.ts";

const STARTS = { count: 50, file: "quick.properties" } as const;
const CANCELS = { count: 30, file: "long.properties" } as const;
const CRASHES = { count: 10, file: "crash.properties", exitCode: 7 } as const;

/** Measures trigger → first instruction and trigger → outcome recorded. */
export async function measureStart(scene: Scene, bare: BareEngine): Promise<readonly Figure[]> {
  const { count, file } = STARTS;
  const job = await createBenchJob(scene, { name: "start", file, text: "standin.seconds=0\n" });
  const ours: BareRun[] = [];
  const theirs: BareRun[] = [];
  // The first run of each warms caches and is not counted.
  await timedRun(scene, job.id);
  await bare.run(file);
  for (let turn = 0; turn < count; turn++) {
    theirs.push(await bare.run(file));
    ours.push(await timedRun(scene, job.id));
  }
  return [
    ...startFigures(ours, theirs),
    {
      name: "trigger → outcome recorded, p50",
      unit: "ms",
      value: median(ours.map(({ doneMs }) => doneMs)),
      limit: 2 * median(theirs.map(({ doneMs }) => doneMs)),
      baseline: median(theirs.map(({ doneMs }) => doneMs)),
      samples: count,
    },
  ];
}

/** Triggers one run and waits until its outcome is recorded. */
async function timedRun(scene: Scene, jobId: string): Promise<BareRun> {
  const before = epochMs();
  const { id } = await scene.rest.trigger(jobId);
  const ended = await scene.rest.ended(id);
  const doneMs = epochMs() - before;
  if (ended.status !== "succeeded") throw new Error(`Run ${id} ended as ${ended.status}`);
  return { startMs: await stampOf(scene, id, "first_instruction") - before, doneMs };
}

/**
 * Computes what the product adds to create + start: each quantile less the bare engine's median. Less the
 * bare engine's own quantile, a slow engine would hide a slow tail of ours.
 */
function startFigures(ours: readonly BareRun[], theirs: readonly BareRun[]): readonly Figure[] {
  const start = ours.map(({ startMs }) => startMs);
  const baseline = median(theirs.map(({ startMs }) => startMs));
  const common = { unit: "ms", baseline, samples: ours.length } as const;
  return [
    { ...common, name: "trigger → first instruction, p50", value: median(start) },
    {
      ...common,
      name: "of it our part, p50 less the bare p50",
      value: median(start) - baseline,
      limit: 120,
    },
    {
      ...common,
      name: "of it our part, p99 less the bare p50",
      value: quantile(start, 0.99) - baseline,
      limit: 500,
    },
  ];
}

/** Measures cancel → SIGTERM seen inside the container. */
export async function measureCancel(scene: Scene, bare: BareEngine): Promise<readonly Figure[]> {
  const { count, file } = CANCELS;
  const job = await createBenchJob(scene, { name: "cancel", file, text: "standin.seconds=600\n" });
  const times: number[] = [];
  const theirs: number[] = [];
  for (let turn = 0; turn < count; turn++) {
    theirs.push(await bare.cancel(file));
    const { id } = await scene.rest.trigger(job.id);
    await shownRunning(scene, id);
    const before = epochMs();
    await scene.rest.cancel(id);
    const ended = await scene.rest.ended(id);
    if (ended.status !== "canceled") throw new Error(`Run ${id} ended as ${ended.status}`);
    times.push(await stampOf(scene, id, "sigterm") - before);
  }
  const common = { unit: "ms", baseline: median(theirs), samples: count } as const;
  return [
    { ...common, name: "cancel → SIGTERM in the container, p50", value: median(times), limit: 60 },
    {
      ...common,
      name: "cancel → SIGTERM in the container, p99",
      value: quantile(times, 0.99),
      limit: 500,
    },
  ];
}

/** Waits until the run is shown as running, because people cancel only then. */
function shownRunning({ rest }: Scene, runId: string): Promise<true> {
  return waitFor(async () => {
    const { phases } = await rest.run(runId);
    return phases.some(({ phase }) => phase === "running") ? true : undefined;
  }, { what: `run ${runId} to be shown as running`, intervalMs: 10 });
}

/**
 * Measures how long the outcome takes after `kill -9` of the orchestrator. The run ends at about the time
 * when the next orchestrator adopts it, with an exit code that must be reported.
 */
export async function measureCrash(scene: Scene): Promise<readonly Figure[]> {
  const { count, file, exitCode } = CRASHES;
  const text = `standin.seconds=2\nstandin.exit=${exitCode}\n`;
  const job = await createBenchJob(scene, { name: "crash", file, text });
  const orchestrator = await serviceContainer(scene, "bigeye-agent-orchestrator");
  const times: number[] = [];
  for (let turn = 0; turn < count; turn++) {
    const { id } = await scene.rest.trigger(job.id);
    await stampOf(scene, id, "first_instruction");
    await run(["docker", "kill", "--signal", "KILL", orchestrator]);
    await run(["docker", "start", orchestrator]);
    const restarted = epochMs();
    const ended = await scene.rest.ended(id);
    if (ended.exit_code !== exitCode) {
      throw new Error(`Run ${id} ended as ${ended.status}, exit code ${ended.exit_code}`);
    }
    times.push((epochMs() - restarted) / 1000);
  }
  return [{
    name: "kill -9 of the orchestrator: restart → true outcome, max",
    unit: "s",
    value: quantile(times, 1),
    limit: 5,
    samples: count,
  }];
}
