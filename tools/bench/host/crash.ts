/** `kill -9` of the orchestrator in the middle of a run: how long until the truth is on record. */

import { run } from "../../cli/run.ts";
import type { Scene } from "../../../tests/harness/scene/scene.ts";
import { serviceContainer } from "../../../tests/harness/scene/service_container.ts";
import { epochMs, stampOf } from "../../../tests/harness/scene/stamps.ts";
import { createBenchJob } from "./bench_job.ts";
import { type Figure, quantile } from "../figures.ts";

const RUNS = 3;
const FILE = "crash.properties";
const EXIT_CODE = 7;

/** Runs outlive the kill by a second or so and exit with a code of their own, which must be reported. */
export async function measureCrash(scene: Scene): Promise<readonly Figure[]> {
  const job = await createBenchJob(scene, {
    name: "crash",
    file: FILE,
    text: `standin.seconds=3\nstandin.exit=${EXIT_CODE}\n`,
  });
  const orchestrator = await serviceContainer(scene, "bigeye-agent-orchestrator");
  const times: number[] = [];
  for (let turn = 0; turn < RUNS; turn++) {
    const { id } = await scene.rest.trigger(job.id);
    await stampOf(scene, id, "first_instruction");
    await run(["docker", "kill", "--signal", "KILL", orchestrator]);
    await run(["docker", "start", orchestrator]);
    const restarted = epochMs();
    const ended = await scene.rest.ended(id);
    if (ended.exit_code !== EXIT_CODE) {
      throw new Error(`Run ${id} ended as ${ended.status}, exit code ${ended.exit_code}`);
    }
    times.push((epochMs() - restarted) / 1000);
  }
  return [{
    name: "kill -9 of the orchestrator: restart → true outcome, max",
    unit: "s",
    value: quantile(times, 1),
    limit: 20,
    samples: RUNS,
  }];
}
