/** Cancel → SIGTERM seen inside the container, against the bare engine, turn and turn about. */

import type { Scene } from "../../../tests/harness/scene/scene.ts";
import { epochMs, stampOf } from "../../../tests/harness/scene/stamps.ts";
import { waitFor } from "../../../tests/harness/scene/wait.ts";
import type { BareEngine } from "./bare_engine.ts";
import { createBenchJob } from "./bench_job.ts";
import { type Figure, median, quantile } from "../figures.ts";

const RUNS = 30;
const FILE = "long.properties";

export async function measureCancel(scene: Scene, bare: BareEngine): Promise<readonly Figure[]> {
  const job = await createBenchJob(scene, {
    name: "cancel",
    file: FILE,
    text: "standin.seconds=600\n",
  });
  const times: number[] = [];
  const theirs: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    theirs.push(await bare.cancel(FILE));
    const { id } = await scene.rest.trigger(job.id);
    await shownRunning(scene, id);
    const before = epochMs();
    await scene.rest.cancel(id);
    const ended = await scene.rest.ended(id);
    if (ended.status !== "canceled") throw new Error(`Run ${id} ended as ${ended.status}`);
    times.push(await stampOf(scene, id, "sigterm") - before);
  }
  const common = { unit: "ms", baseline: median(theirs), samples: RUNS } as const;
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

/** Waits for what a person waits for before canceling a running agent: that it is shown as running. */
function shownRunning({ rest }: Scene, runId: string): Promise<true> {
  return waitFor(async () => {
    const { phases } = await rest.run(runId);
    return phases.some(({ phase }) => phase === "running") ? true : undefined;
  }, { what: `run ${runId} to be shown as running`, intervalMs: 10 });
}
