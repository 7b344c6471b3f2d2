/** A job in the store, and its host. */

import { MACHINE, type Store } from "../../../control_plane/store/mod.ts";
import type { Job, JobBody } from "../../../lib/contract/job.ts";
import { LINEAGE_JOB } from "./plane.ts";
import { INSTALLATION } from "./registration.ts";

export const NIGHTLY: JobBody = {
  ...LINEAGE_JOB,
  agent_type: "lineage",
  parameters: { connectors: ["snowflake"] },
  schedule: null,
};

/** Registers the job's host and creates the job. */
export async function storedJob(store: Store): Promise<Job> {
  const host = { host_id: NIGHTLY.host_id, installation_id: INSTALLATION, version: "1" };
  await store.hosts.register(
    { ...host, managed_agents: ["lineage"], replace: false },
    true,
    MACHINE,
  );
  return await store.jobs.create(NIGHTLY, MACHINE);
}
