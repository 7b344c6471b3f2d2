/** Fills a control plane's SQLite file with an account that has been in use for months. */

import type { Kysely } from "kysely";
import { openedFile } from "../../control_plane/store/opened.ts";
import type { HostsRow, JobsRow, RunsRow, Tables } from "../../control_plane/store/tables.ts";
import { BATCH_AGENT_TYPES } from "../../lib/contract/agent_types.ts";
import { hostOf, jobOf, runOf } from "./plane_rows.ts";

export const HOSTS = 1_000;
export const JOBS = 1_000;
/** SQLite binds at most 32,766 values in a statement, and a run has 22. */
const BATCH = 500;

export interface Filled {
  readonly hosts: readonly HostsRow[];
  readonly jobs: readonly JobsRow[];
  /** One job more, which many trigger at once. */
  readonly contended: JobsRow;
}

/** Writes all of it in one transaction into a store that no process has open; the runs have ended. */
export async function fillPlane(database: string, runs: number): Promise<Filled> {
  const now = Date.now();
  const hosts = Array.from({ length: HOSTS }, (_, index) => hostOf(index, now));
  const jobs = Array.from({ length: JOBS + 1 }, (_, index) => {
    const type = BATCH_AGENT_TYPES[index % BATCH_AGENT_TYPES.length] ?? "lineage";
    return jobOf(index, { type, hostId: hosts[index % HOSTS]?.host_id ?? "", now });
  });
  const [contended] = jobs.splice(JOBS);
  if (!contended) throw new Error("Cannot fill a store without jobs");
  const db = await openedFile(database);
  try {
    await db.transaction().execute(async (step) => {
      await step.insertInto("hosts").values(hosts).execute();
      await step.insertInto("jobs").values([...jobs, contended]).execute();
      await insertRuns(step, { jobs, runs, now });
    });
  } finally {
    await db.destroy();
  }
  return { hosts, jobs, contended };
}

async function insertRuns(
  step: Kysely<Tables>,
  { jobs, runs, now }: { jobs: readonly JobsRow[]; runs: number; now: number },
): Promise<void> {
  for (let first = 0; first < runs; first += BATCH) {
    const length = Math.min(BATCH, runs - first);
    const rows = Array.from({ length }, (_, place): RunsRow => {
      const index = first + place;
      const job = jobs[index % jobs.length];
      if (!job) throw new Error("Cannot make runs without jobs");
      return runOf(index, { job, runs, now });
    });
    await step.insertInto("runs").values(rows).execute();
  }
}
