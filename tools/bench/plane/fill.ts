/** Fills a control plane's SQLite file with an account that has been in use for months. */

import { type Kysely, sql } from "kysely";
import { openFile } from "../../../control_plane/store/open.ts";
import type { HostsRow, JobsRow, RunsRow, Tables } from "../../../control_plane/store/tables.ts";
import { BATCH_AGENT_TYPES } from "../../../lib/contract/agent_types.ts";
import { tell } from "../../cli/steps.ts";
import { hostOf, jobOf, runOf } from "./rows.ts";

export const HOSTS = 1_000;
export const JOBS = 1_000;
/** SQLite binds at most 32,766 values in a statement, and a run has 22. */
const BATCH = 500;
/** A transaction of all runs would be written twice, the first time into a log as large as the store. */
const TOLD_EVERY = 100_000;
/** In KiB, negative as SQLite wants it. Ids are random, so that every page of their index is always in use. */
const CACHE = -512 * 1024;

export interface Filled {
  readonly hosts: readonly HostsRow[];
  readonly jobs: readonly JobsRow[];
  /** One job more, which many trigger at once. */
  readonly contended: JobsRow;
}

/** Writes all of it into a store that no process has open, and tells how far it is; the runs have ended. */
export async function fillPlane(database: string, runs: number): Promise<Filled> {
  const now = Date.now();
  const hosts = Array.from({ length: HOSTS }, (_, index) => hostOf(index, now));
  const jobs = Array.from({ length: JOBS + 1 }, (_, index) => {
    const type = BATCH_AGENT_TYPES[index % BATCH_AGENT_TYPES.length] ?? "lineage";
    return jobOf(index, { type, hostId: hosts[index % HOSTS]?.host_id ?? "", now });
  });
  const [contended] = jobs.splice(JOBS);
  if (!contended) throw new Error("Cannot fill a store without jobs");
  const db = await openFile(database);
  try {
    await sql`pragma cache_size=${sql.lit(CACHE)}`.execute(db);
    await db.insertInto("hosts").values(hosts).execute();
    await db.insertInto("jobs").values([...jobs, contended]).execute();
    for (let first = 0; first < runs; first += TOLD_EVERY) {
      const end = Math.min(first + TOLD_EVERY, runs);
      await db.transaction().execute((step) => insertRuns(step, { first, end, jobs, runs, now }));
      if (end < runs) tell(`         ${end} of ${runs} runs`);
    }
  } finally {
    await db.destroy();
  }
  return { hosts, jobs, contended };
}

interface Span {
  readonly first: number;
  readonly end: number;
  readonly jobs: readonly JobsRow[];
  readonly runs: number;
  readonly now: number;
}

async function insertRuns(
  step: Kysely<Tables>,
  { first, end, jobs, runs, now }: Span,
): Promise<void> {
  for (let next = first; next < end; next += BATCH) {
    const length = Math.min(BATCH, end - next);
    const rows = Array.from({ length }, (_, place): RunsRow => {
      const index = next + place;
      const job = jobs[index % jobs.length];
      if (!job) throw new Error("Cannot make runs without jobs");
      return runOf(index, { job, runs, now });
    });
    await step.insertInto("runs").values(rows).execute();
  }
}
