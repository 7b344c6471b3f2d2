/** Jobs: saved definitions. A change applies to the next run, as runs carry their own copy. */

import type { Kysely } from "kysely";
import type { Job, JobBody } from "../../lib/contract/job.ts";
import type { Clock } from "../../lib/ports.ts";
import { jobHasActiveRun, notFound } from "../../lib/problems/rest.ts";
import type { RunStatus } from "../../lib/contract/run.ts";
import { type Actor, type Change, changedFields, recordChange } from "./audit.ts";
import { requireEligibleHost } from "./hosts.ts";
import type { JobsRow, Tables } from "./tables.ts";

export interface JobStore {
  /** All jobs with their last run, by name. */
  list(): Promise<readonly Job[]>;
  /** Throws `job_not_found`. */
  get(id: string): Promise<Job>;
  /** Throws `host_not_eligible`. */
  create(body: JobBody, by: Actor): Promise<Job>;
  /**
   * `edit` gets the job and answers the whole new definition, within one transaction. Throws
   * `job_not_found`, `host_not_eligible` and what `edit` throws.
   */
  update(id: string, edit: (job: Job) => JobBody, by: Actor): Promise<Job>;
  /** Its runs stay, under its name. Throws `job_not_found`, and `job_has_active_run`. */
  remove(id: string, by: Actor): Promise<void>;
}

export function jobStore(db: Kysely<Tables>, clock: Clock): JobStore {
  return {
    async list() {
      const rows = await selectJobs(db).orderBy("jobs.name").orderBy("jobs.id").execute();
      return rows.map(jobOf);
    },

    get: (id) => jobById(db, id),

    create(body, by) {
      return db.transaction().execute(async (step) => {
        await requireEligibleHost(step, body);
        const id = crypto.randomUUID();
        const now = clock.now().toISOString();
        await step.insertInto("jobs")
          .values({ ...columnsOf(body), id, created_at: now, updated_at: now }).execute();
        await record(step, { by, action: "job.create", job: { ...body, id }, details: body });
        return await jobById(step, id);
      });
    },

    update(id, edit, by) {
      return db.transaction().execute(async (step) => {
        const before = await jobById(step, id);
        const body = edit(before);
        await requireEligibleHost(step, body);
        await step.updateTable("jobs")
          .set({ ...columnsOf(body), updated_at: clock.now().toISOString() })
          .where("id", "=", id).execute();
        const details = changedFields(before, body);
        await record(step, { by, action: "job.update", job: { ...body, id }, details });
        return await jobById(step, id);
      });
    },

    remove(id, by) {
      return db.transaction().execute(async (step) => {
        const { name } = await jobById(step, id);
        const active = await activeRunOf(step, id);
        if (active) throw jobHasActiveRun(active, name);
        await step.updateTable("runs").set({ job_id: null })
          .where("job_id", "=", id).where("ended_at", "is not", null).execute();
        await step.deleteFrom("jobs").where("id", "=", id).execute();
        await record(step, { by, action: "job.remove", job: { id, name } });
      });
    },
  };

  function record(
    step: Kysely<Tables>,
    { job: { id, name }, ...change }: Omit<Change, "at" | "target"> & {
      job: Pick<Job, "id" | "name">;
    },
  ): Promise<void> {
    return recordChange(step, { ...change, at: clock.now(), target: { kind: "job", id, name } });
  }
}

/** The id of a job's queued or running run. */
export async function activeRunOf(db: Kysely<Tables>, jobId: string): Promise<string | undefined> {
  const run = await db.selectFrom("runs").select("id")
    .where("job_id", "=", jobId).where("ended_at", "is", null).executeTakeFirst();
  return run?.id;
}

function columnsOf({ parameters, ...body }: JobBody): Omit<
  JobsRow,
  "id" | "created_at" | "updated_at"
> {
  return { ...body, parameters: JSON.stringify(parameters) };
}

function selectJobs(db: Kysely<Tables>) {
  return db.selectFrom("jobs")
    .leftJoin(
      "runs",
      (join) =>
        join.on("runs.id", "=", (eb) =>
          eb.selectFrom("runs as newest").select("newest.id")
            .whereRef("newest.job_id", "=", "jobs.id")
            .orderBy("newest.created_at", "desc").orderBy("newest.id", "desc").limit(1)),
    )
    .selectAll("jobs")
    .select(["runs.id as run_id", "runs.status as run_status", "runs.created_at as run_at"]);
}

async function jobById(db: Kysely<Tables>, id: string): Promise<Job> {
  const row = await selectJobs(db).where("jobs.id", "=", id).executeTakeFirst();
  if (!row) throw notFound("job", id);
  return jobOf(row);
}

interface LastRun {
  run_id: string | null;
  run_status: RunStatus | null;
  run_at: string | null;
}

function jobOf({ run_id, run_status, run_at, parameters, ...job }: JobsRow & LastRun): Job {
  const hasRun = run_id !== null && run_status !== null && run_at !== null;
  return {
    ...job,
    parameters: JSON.parse(parameters),
    last_run: hasRun ? { id: run_id, status: run_status, created_at: run_at } : null,
  };
}
