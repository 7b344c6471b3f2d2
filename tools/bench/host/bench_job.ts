/** A DataHealth job for the bench, with the file that steers its stand-in agent. */

import type { Job } from "../../../lib/contract/job.ts";
import type { Scene } from "../../../tests/harness/scene/scene.ts";

export interface BenchJob {
  readonly name: string;
  /** Name of the configuration file, and what it says. */
  readonly file: string;
  readonly text: string;
}

export async function createBenchJob({ host, rest }: Scene, job: BenchJob): Promise<Job> {
  await host.configure("datahealth", job.file, job.text);
  return await rest.createJob({
    name: `bench ${job.name}`,
    host_id: host.hostId,
    agent_type: "datahealth",
    parameters: { file_name: job.file },
  });
}
