/** Creates a DataHealth job, with the configuration file that tells its stand-in agent what to do. */

import type { Job } from "../../../lib/contract/job.ts";
import type { Scene } from "../../../tests/harness/scene/scene.ts";

export interface BenchJob {
  readonly name: string;
  /** Name and content of the configuration file. */
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
