/** What is under way now: which host and which job has an active run. */

import type { Kysely } from "kysely";
import type { Run } from "../../lib/contract/run.ts";
import type { Tables } from "./tables.ts";

export type ActiveRun = Pick<Run, "id" | "job_id" | "job_name" | "host_id" | "status">;

/** All active runs, oldest first; there is at most one a job. */
export async function activeRuns(db: Kysely<Tables>): Promise<readonly ActiveRun[]> {
  const rows = await db.selectFrom("runs")
    .select(["id", "job_id", "job_name", "host_id", "status", "created_at"])
    .where("ended_at", "is", null).execute();
  // Sorted here: the partial index holds them in another order, and they are few.
  return rows.toSorted((a, b) => a.created_at < b.created_at ? -1 : 1);
}

/** The id of a job's queued or running run. */
export async function activeRunOf(db: Kysely<Tables>, jobId: string): Promise<string | undefined> {
  const run = await db.selectFrom("runs").select("id")
    .where("job_id", "=", jobId).where("ended_at", "is", null).executeTakeFirst();
  return run?.id;
}
