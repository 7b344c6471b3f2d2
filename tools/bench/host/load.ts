/** Measures many runs at a time on one host, and many triggers of one job. */

import type { Run } from "../../../lib/contract/run.ts";
import { LABELS } from "../../../lib/contract/container.ts";
import { RestError } from "../../../tests/harness/scene/rest.ts";
import { run } from "../../cli/run.ts";
import type { Scene } from "../../../tests/harness/scene/scene.ts";
import { epochMs } from "../../../tests/harness/scene/stamps.ts";
import { waitFor } from "../../../tests/harness/time/wait.ts";
import type { BareEngine } from "./bare_engine.ts";
import { createBenchJob } from "./bench_job.ts";
import type { Figure } from "../figures.ts";

const JOBS = 20;
const RUNS_PER_JOB = 10;
const TRIGGERS = 200;
/** Enough samples for a time per run within seconds. */
const BARE_RUNS = 40;
/** Runs at a time on the host; the figures are defined for this number. */
export const CONCURRENT_RUNS = 8;

/** Measures 200 runs of 20 jobs. Every third job fails, so that a wrong outcome shows. */
export async function measureLoad(scene: Scene, bare: BareEngine): Promise<readonly Figure[]> {
  const before = epochMs();
  const truthful = await Promise.all(
    Array.from({ length: JOBS }, (_, index) => runJob(scene, index)),
  );
  const seconds = (epochMs() - before) / 1000;
  await waitFor(async () => await agentContainers(scene) === 0 ? true : undefined, {
    what: "the last agent container to be removed",
  });
  const bareSeconds = await bareLoad(bare);
  return [
    {
      name: "200 runs of 20 jobs: ended truthfully",
      unit: "runs",
      value: truthful.flat().length,
      limit: JOBS * RUNS_PER_JOB,
    },
    { name: "200 runs of 20 jobs: wall time", unit: "s", value: seconds },
    {
      name: "200 runs of 20 jobs: wall time per run",
      unit: "ms",
      value: 1000 * seconds / (JOBS * RUNS_PER_JOB),
      baseline: 1000 * bareSeconds / BARE_RUNS,
      samples: JOBS * RUNS_PER_JOB,
    },
    {
      name: "200 runs of 20 jobs: containers left",
      unit: "runs",
      value: await agentContainers(scene),
      limit: 0,
    },
  ];
}

/** Measures the seconds of {@linkcode BARE_RUNS} bare runs, as many at a time as on the host. */
async function bareLoad(bare: BareEngine): Promise<number> {
  const before = epochMs();
  await Promise.all(Array.from({ length: CONCURRENT_RUNS }, async () => {
    for (let turn = 0; turn < BARE_RUNS / CONCURRENT_RUNS; turn++) await bare.run(fileOf(1));
  }));
  return (epochMs() - before) / 1000;
}

/** Twenty jobs poll at the same time with one key, which has a rate limit. */
const POLL_MS = 500;

const fileOf = (index: number): string => `load_${index}.properties`;

/** Runs one job ten times in a row. Returns the runs that were recorded as they ended. */
async function runJob(scene: Scene, index: number): Promise<readonly Run[]> {
  const exit = index % 3 === 0 ? 3 : 0;
  const job = await createBenchJob(scene, {
    name: `load ${index}`,
    file: fileOf(index),
    text: `standin.seconds=0\nstandin.exit=${exit}\n`,
  });
  const truthful: Run[] = [];
  for (let turn = 0; turn < RUNS_PER_JOB; turn++) {
    const { id } = await scene.rest.trigger(job.id);
    const ended = await scene.rest.ended(id, { timeoutMs: 300_000, intervalMs: POLL_MS });
    if (ended.exit_code === exit && ended.status === (exit === 0 ? "succeeded" : "failed")) {
      truthful.push(ended);
    }
  }
  return truthful;
}

/** Sends 200 triggers of one job at once. One run and 199 conflicts are expected. */
export async function measureConflicts(scene: Scene): Promise<readonly Figure[]> {
  const job = await createBenchJob(scene, {
    name: "conflicts",
    file: "busy.properties",
    text: "standin.seconds=600\n",
  });
  const answers = await Promise.all(
    Array.from({ length: TRIGGERS }, () => tryTrigger(scene, job.id)),
  );
  const accepted = answers.filter((answer): answer is Run => typeof answer === "object");
  for (const { id } of accepted) {
    await scene.rest.cancel(id);
    await scene.rest.ended(id);
  }
  const conflicts = answers.filter((answer) => answer === 409).length;
  return [
    { name: "200 triggers of one job: runs", unit: "runs", value: accepted.length, limit: 1 },
    {
      name: "200 triggers of one job: conflicts",
      unit: "runs",
      value: conflicts,
      limit: TRIGGERS - 1,
    },
  ];
}

async function tryTrigger({ rest }: Scene, jobId: string): Promise<Run | number> {
  try {
    return await rest.trigger(jobId);
  } catch (error) {
    if (error instanceof RestError) return error.status;
    throw error;
  }
}

async function agentContainers({ host }: Scene): Promise<number> {
  const label = `label=${LABELS.installation}=${host.installationId}`;
  const ids = await run(["docker", "ps", "--all", "--quiet", "--filter", label]);
  return ids.trim() === "" ? 0 : ids.trim().split("\n").length;
}
