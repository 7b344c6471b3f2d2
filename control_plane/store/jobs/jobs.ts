/** Jobs: saved definitions. A change applies to the next run, because each run has its own copy. */

import type { Kysely } from "kysely";
import * as v from "valibot";
import type { AuditAction } from "../../../lib/contract/audit.ts";
import type { Job, JobBody } from "../../../lib/contract/job.ts";
import type { RunStatus } from "../../../lib/contract/run.ts";
import { shownFireTimes } from "../../../lib/contract/schedules/schedule.ts";
import type { Clock } from "../../../lib/ports.ts";
import { jobHasActiveRun, versionConflict } from "../../../lib/problems/records.ts";
import { jobAlreadyCreated } from "../../../lib/problems/pages.ts";
import { notFound } from "../../../lib/problems/rest.ts";
import { type Actor, changedFields, recordChange } from "../audit.ts";
import { requireEligibleHost } from "../hosts/hosts.ts";
import { listCursor, pageOf, type PageRequest } from "../list_cursor.ts";
import { activeRunOf } from "../runs/runs.ts";
import type { JobsRow, Tables } from "../tables.ts";
import { recordScheduleChange, scheduleOf } from "./schedules.ts";

export interface ChangeOptions {
  /** The version that the change is based on; without it the current version is changed. */
  readonly ifVersion?: number | undefined;
}

export interface NewOptions {
  /** The id to create it under; default: a new UUID. */
  readonly id?: string | undefined;
}

export interface JobFilter extends PageRequest {
  readonly host?: string | undefined;
  readonly agent_type?: Job["agent_type"] | undefined;
}

export interface JobStore {
  /**
   * Lists jobs with their last run, by name; pages stay stable while jobs are added and removed.
   * @throws `invalid_input` for a cursor of another list.
   */
  list(filter: JobFilter): Promise<{ jobs: readonly Job[]; next_cursor: string | null }>;
  /** @throws `job_not_found`. */
  get(id: string): Promise<Job>;
  /**
   * Creates a job. If a job with this id and the same definition exists, returns it.
   * @throws `job_already_created` if the existing job differs, and `host_not_eligible`.
   */
  create(body: JobBody, by: Actor, options?: NewOptions): Promise<Job>;
  /**
   * Replaces a job's definition with what `edit` returns for the current job, in one transaction. Writes
   * nothing if the definition is the same.
   * @throws `job_not_found`, `version_conflict`, `host_not_eligible`, and what `edit` throws.
   */
  update(
    id: string,
    edit: (job: Job) => JobBody,
    by: Actor,
    options?: ChangeOptions,
  ): Promise<Job>;
  /**
   * Removes a job; its runs stay in the history under its name.
   * @throws `job_not_found`, `version_conflict`, `job_has_active_run`.
   */
  remove(id: string, by: Actor, options?: ChangeOptions): Promise<void>;
}

const CURSOR = listCursor("jobs", v.strictTuple([v.string(), v.string()]));

export function jobStore(db: Kysely<Tables>, clock: Clock): JobStore {
  return {
    async list({ limit, cursor, host, agent_type }) {
      let query = selectJobs(db);
      if (host !== undefined) query = query.where("jobs.host_id", "=", host);
      if (agent_type) query = query.where("jobs.agent_type", "=", agent_type);
      if (cursor !== undefined) {
        const place = CURSOR.placeOf(cursor);
        query = query.where((eb) =>
          eb(eb.refTuple("jobs.name", "jobs.id"), ">", eb.tuple(...place))
        );
      }
      const rows = await query.orderBy("jobs.name").orderBy("jobs.id").limit(limit + 1).execute();
      const after = ({ name, id }: JobsRow) => CURSOR.after([name, id]);
      const { page, next_cursor } = pageOf(rows, { limit, after });
      return { jobs: page.map((row) => jobOf(row, clock.now())), next_cursor };
    },

    get: (id) => jobById(db, { id, now: clock.now() }),

    create(body, by, { id = crypto.randomUUID() } = {}) {
      return db.transaction().execute(async (trx) => {
        await requireEligibleHost(trx, body);
        const now = clock.now();
        const [created_at, updated_at] = [now.toISOString(), now.toISOString()];
        const row = { ...columnsOf(body), id, created_at, updated_at, version: 1 };
        const { numInsertedOrUpdatedRows } = await trx.insertInto("jobs")
          .values({ ...row, schedule_changed_at: null })
          .onConflict((conflict) => conflict.column("id").doNothing()).executeTakeFirst();
        if (numInsertedOrUpdatedRows === 0n) return sameJob(await jobById(trx, { id, now }), body);
        if (body.schedule) await recordScheduleChange(trx, { jobId: id, now });
        await record(trx, { by, action: "job.create", job: { ...body, id }, details: body });
        return await jobById(trx, { id, now });
      });
    },

    update(id, edit, by, { ifVersion } = {}) {
      return db.transaction().execute(async (trx) => {
        const now = clock.now();
        const job = await lockedJob(trx, { id, now });
        requireVersion(job, { ifVersion, action: "change" });
        const body = edit(job);
        const details = changedFields(job, body);
        if (Object.keys(details).length === 0) return job;
        // A host may have lost the agent type since; its jobs can still be paused, renamed or moved.
        if (body.host_id !== job.host_id) await requireEligibleHost(trx, body);
        await save(trx, { job, body, now });
        await record(trx, { by, action: "job.update", job: { ...body, id }, details });
        return await jobById(trx, { id, now });
      });
    },

    remove(id, by, { ifVersion } = {}) {
      return db.transaction().execute(async (trx) => {
        const now = clock.now();
        const job = await lockedJob(trx, { id, now });
        requireVersion(job, { ifVersion, action: "delete" });
        const active = await activeRunOf(trx, id);
        if (active) throw jobHasActiveRun(active, job.name);
        await trx.updateTable("runs").set({ job_id: null })
          .where("job_id", "=", id).where("ended_at", "is not", null).execute();
        await trx.deleteFrom("jobs").where("id", "=", id).execute();
        if (job.schedule) await recordScheduleChange(trx, { jobId: id, now });
        await record(trx, { by, action: "job.remove", job });
      });
    },
  };

  function record(
    trx: Kysely<Tables>,
    { by, action, job: { id, name }, details }: {
      readonly by: Actor;
      readonly action: AuditAction;
      readonly job: Pick<Job, "id" | "name">;
      readonly details?: Readonly<Record<string, unknown>>;
    },
  ): Promise<void> {
    const target = { kind: "job", id, name } as const;
    return recordChange(trx, { by, at: clock.now(), action, target, ...(details && { details }) });
  }
}

function sameJob(job: Job, body: JobBody): Job {
  if (Object.keys(changedFields(job, body)).length > 0) throw jobAlreadyCreated(job.name);
  return job;
}

interface Expected extends ChangeOptions {
  readonly action: "change" | "delete";
}

function requireVersion(job: Job, { ifVersion = job.version, action }: Expected): void {
  if (ifVersion !== job.version) throw versionConflict(action, job);
}

interface Change {
  /** The job before the change. */
  readonly job: Job;
  readonly body: JobBody;
  readonly now: Date;
}

async function save(trx: Kysely<Tables>, { job, body, now }: Change): Promise<void> {
  const isOther = JSON.stringify(job.schedule) !== JSON.stringify(body.schedule);
  const updated_at = now.toISOString();
  await trx.updateTable("jobs")
    .set({
      ...columnsOf(body),
      updated_at,
      version: job.version + 1,
      ...(isOther ? { schedule_changed_at: updated_at } : {}),
    })
    .where("id", "=", job.id).execute();
  if (isOther) await recordScheduleChange(trx, { jobId: job.id, now });
}

/** Selects jobs, each with its newest run. */
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

/** Reads a job and locks it against concurrent changes and triggers. */
async function lockedJob(trx: Kysely<Tables>, wanted: WantedJob): Promise<Job> {
  await trx.selectFrom("jobs").select("id").where("id", "=", wanted.id).forUpdate().execute();
  return await jobById(trx, wanted);
}

interface WantedJob {
  readonly id: string;
  /** The job's next fire times are computed from this moment. */
  readonly now: Date;
}

async function jobById(db: Kysely<Tables>, { id, now }: WantedJob): Promise<Job> {
  const row = await selectJobs(db).where("jobs.id", "=", id).executeTakeFirst();
  if (!row) throw notFound("job", id);
  return jobOf(row, now);
}

/** Returns the columns that hold a job's definition. */
export function columnsOf({ parameters, schedule, ...body }: JobBody): Omit<
  JobsRow,
  "id" | "created_at" | "updated_at" | "version" | "schedule_changed_at"
> {
  return {
    ...body,
    parameters: JSON.stringify(parameters),
    schedule: schedule && JSON.stringify(schedule),
  };
}

/** The joined columns of a job's newest run. */
interface LastRun {
  run_id: string | null;
  run_status: RunStatus | null;
  run_at: string | null;
}

/** Builds a job from its row; `now` is the moment after which its next fire times lie. */
export function jobOf(
  { run_id, run_status, run_at, parameters, schedule_changed_at: _, ...job }: JobsRow & LastRun,
  now: Date,
): Job {
  const schedule = scheduleOf(job);
  const hasRun = run_id !== null && run_status !== null && run_at !== null;
  return {
    ...job,
    parameters: JSON.parse(parameters),
    schedule,
    next_fire_times: shownFireTimes(schedule, now),
    last_run: hasRun ? { id: run_id, status: run_status, created_at: run_at } : null,
  };
}
