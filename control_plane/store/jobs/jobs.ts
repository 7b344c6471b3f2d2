/** Jobs: saved definitions. A change applies to the next run, as runs carry their own copy. */

import type { Kysely } from "kysely";
import * as v from "valibot";
import type { AuditAction } from "../../../lib/contract/audit.ts";
import type { Job, JobBody } from "../../../lib/contract/job.ts";
import type { RunStatus } from "../../../lib/contract/run.ts";
import { shownFireTimes } from "../../../lib/contract/schedules/schedule.ts";
import type { Clock } from "../../../lib/ports.ts";
import { versionConflict } from "../../../lib/problems/job_versions.ts";
import { jobAlreadyCreated } from "../../../lib/problems/pages.ts";
import { jobHasActiveRun, notFound } from "../../../lib/problems/rest.ts";
import { type Actor, changedFields, recordChange } from "../audit.ts";
import { requireEligibleHost } from "../hosts/hosts.ts";
import { listCursor, pageOf, type PageRequest } from "../list_cursor.ts";
import { activeRunOf } from "../runs/runs.ts";
import type { JobsRow, Tables } from "../tables.ts";
import { noteScheduleChange, scheduleOf } from "./schedules.ts";

export interface ChangeOptions {
  /** The version that the change was made for; without it, it is made to whichever there is. */
  readonly ifVersion?: number | undefined;
}

export interface NewOptions {
  /** Of what is made; without it, a new one. */
  readonly id?: string | undefined;
}

export interface JobFilter extends PageRequest {
  readonly host?: string | undefined;
  readonly agent_type?: Job["agent_type"] | undefined;
}

export interface JobStore {
  /**
   * Jobs with their last run, by name; stable while others come and go. Throws `invalid_input` for a
   * foreign cursor.
   */
  list(filter: JobFilter): Promise<{ jobs: readonly Job[]; next_cursor: string | null }>;
  /** Throws `job_not_found`. */
  get(id: string): Promise<Job>;
  /**
   * With the id of a job that is there, answers it. Throws `job_already_created` if that one is another,
   * and `host_not_eligible`.
   */
  create(body: JobBody, by: Actor, options?: NewOptions): Promise<Job>;
  /**
   * `edit` gets the job and answers the whole new definition, within one transaction; where it is
   * the one that there is, nothing is written. Throws `job_not_found`, `version_conflict`,
   * `host_not_eligible` and what `edit` throws.
   */
  update(
    id: string,
    edit: (job: Job) => JobBody,
    by: Actor,
    options?: ChangeOptions,
  ): Promise<Job>;
  /**
   * Its runs stay, under its name. Throws `job_not_found`, `version_conflict` and
   * `job_has_active_run`.
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
      return db.transaction().execute(async (step) => {
        await requireEligibleHost(step, body);
        const now = clock.now();
        const [created_at, updated_at] = [now.toISOString(), now.toISOString()];
        const row = { ...columnsOf(body), id, created_at, updated_at, version: 1 };
        const { numInsertedOrUpdatedRows } = await step.insertInto("jobs")
          .values({ ...row, schedule_changed_at: null })
          .onConflict((conflict) => conflict.column("id").doNothing()).executeTakeFirst();
        if (numInsertedOrUpdatedRows === 0n) return sameJob(await jobById(step, { id, now }), body);
        if (body.schedule) await noteScheduleChange(step, { jobId: id, now });
        await record(step, { by, action: "job.create", job: { ...body, id }, details: body });
        return await jobById(step, { id, now });
      });
    },

    update(id, edit, by, { ifVersion } = {}) {
      return db.transaction().execute(async (step) => {
        const now = clock.now();
        const job = await lockedJob(step, { id, now });
        requireVersion(job, { ifVersion, action: "change" });
        const body = edit(job);
        const details = changedFields(job, body);
        if (Object.keys(details).length === 0) return job;
        // Where a host lost the agent type since, its jobs can still be paused, renamed and moved away.
        if (body.host_id !== job.host_id) await requireEligibleHost(step, body);
        await save(step, { job, body, now });
        await record(step, { by, action: "job.update", job: { ...body, id }, details });
        return await jobById(step, { id, now });
      });
    },

    remove(id, by, { ifVersion } = {}) {
      return db.transaction().execute(async (step) => {
        const now = clock.now();
        const job = await lockedJob(step, { id, now });
        requireVersion(job, { ifVersion, action: "delete" });
        const active = await activeRunOf(step, id);
        if (active) throw jobHasActiveRun(active, job.name);
        await step.updateTable("runs").set({ job_id: null })
          .where("job_id", "=", id).where("ended_at", "is not", null).execute();
        await step.deleteFrom("jobs").where("id", "=", id).execute();
        if (job.schedule) await noteScheduleChange(step, { jobId: id, now });
        await record(step, { by, action: "job.remove", job });
      });
    },
  };

  function record(
    step: Kysely<Tables>,
    { by, action, job: { id, name }, details }: {
      readonly by: Actor;
      readonly action: AuditAction;
      readonly job: Pick<Job, "id" | "name">;
      readonly details?: Readonly<Record<string, unknown>>;
    },
  ): Promise<void> {
    const target = { kind: "job", id, name } as const;
    return recordChange(step, { by, at: clock.now(), action, target, ...(details && { details }) });
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
  /** As it was read. */
  readonly job: Job;
  readonly body: JobBody;
  readonly now: Date;
}

async function save(step: Kysely<Tables>, { job, body, now }: Change): Promise<void> {
  const isOther = JSON.stringify(job.schedule) !== JSON.stringify(body.schedule);
  const updated_at = now.toISOString();
  await step.updateTable("jobs")
    .set({
      ...columnsOf(body),
      updated_at,
      version: job.version + 1,
      ...(isOther ? { schedule_changed_at: updated_at } : {}),
    })
    .where("id", "=", job.id).execute();
  if (isOther) await noteScheduleChange(step, { jobId: job.id, now });
}

/** Jobs, each with its newest run. */
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

/** The job, held against others that change or trigger it. */
async function lockedJob(step: Kysely<Tables>, wanted: WantedJob): Promise<Job> {
  await step.selectFrom("jobs").select("id").where("id", "=", wanted.id).forUpdate().execute();
  return await jobById(step, wanted);
}

interface WantedJob {
  readonly id: string;
  /** The fire times after it are shown. */
  readonly now: Date;
}

async function jobById(db: Kysely<Tables>, { id, now }: WantedJob): Promise<Job> {
  const row = await selectJobs(db).where("jobs.id", "=", id).executeTakeFirst();
  if (!row) throw notFound("job", id);
  return jobOf(row, now);
}

/** What of a row is the job's definition. */
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

/** Of a job's newest run. */
interface LastRun {
  run_id: string | null;
  run_status: RunStatus | null;
  run_at: string | null;
}

/** `now` is what its next fire times come after. */
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
