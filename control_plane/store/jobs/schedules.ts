/** Schedules of jobs: which changes Temporal still needs, and what happens at a fire time. */

import type { Kysely } from "kysely";
import type { Skip } from "../../../lib/contract/job.ts";
import type { Run } from "../../../lib/contract/run.ts";
import { fireTimesWithin, nextFireTimes } from "../../../lib/contract/schedules/fire_times.ts";
import { CATCH_UP_SECONDS, type Schedule } from "../../../lib/contract/schedules/schedule.ts";
import type { Clock } from "../../../lib/ports.ts";
import { Problem } from "../../../lib/problems/problem.ts";
import { runAlreadyActive } from "../../../lib/problems/records.ts";
import { requireEligibleHost } from "../hosts/hosts.ts";
import { queuedRow, runOf } from "../runs/run_rows.ts";
import { activeRunOf } from "../runs/runs.ts";
import type { JobsRow, Tables } from "../tables.ts";

export interface ScheduleChange {
  readonly job_id: string;
  /** A new id for each change. */
  readonly change_id: string;
}

/**
 * The result of a fire time. "off" means that the job was removed, or that its schedule was removed,
 * paused or replaced after this time was planned.
 */
export type Fired =
  | { readonly outcome: "queued"; readonly run: Run }
  | { readonly outcome: "skipped"; readonly skip: Skip }
  | { readonly outcome: "repeated" | "off" };

/** Every call is idempotent. */
export interface ScheduleStore {
  /** Lists changes that Temporal is not known to have, oldest first. */
  changes(limit: number): Promise<readonly ScheduleChange[]>;
  /** Marks a change as delivered to Temporal. A later change of the same job stays pending. */
  settle(change: ScheduleChange): Promise<void>;
  /** Returns a job's schedule; null if it has none or the job was removed. */
  wanted(jobId: string): Promise<Schedule | null>;
  /** Lists the ids of jobs with a schedule, ascending, starting after `after`. */
  jobs(after: string, limit: number): Promise<readonly string[]>;
  /** Queues the run of a fire time, or records why it was skipped; also records fire times missed before it. */
  fire(jobId: string, fireTime: string): Promise<Fired>;
}

export function scheduleStore(db: Kysely<Tables>, clock: Clock): ScheduleStore {
  return {
    changes: (limit) =>
      db.selectFrom("schedule_changes").select(["job_id", "change_id"])
        .orderBy("created_at").orderBy("job_id").limit(limit).execute(),

    async settle({ job_id, change_id }) {
      await db.deleteFrom("schedule_changes")
        .where("job_id", "=", job_id).where("change_id", "=", change_id).execute();
    },

    async wanted(jobId) {
      const row = await db.selectFrom("jobs").select("schedule").where("id", "=", jobId)
        .executeTakeFirst();
      return row ? scheduleOf(row) : null;
    },

    async jobs(after, limit) {
      const rows = await db.selectFrom("jobs").select("id").where("schedule", "is not", null)
        .where("id", ">", after).orderBy("id").limit(limit).execute();
      return rows.map(({ id }) => id);
    },

    fire(jobId, fireTime) {
      return db.transaction().execute(async (trx) => {
        // As for a manual trigger: the lock serializes triggers and changes of the job.
        const job = await trx.selectFrom("jobs").selectAll().where("id", "=", jobId)
          .forUpdate().executeTakeFirst();
        const schedule = job ? scheduleOf(job) : null;
        if (!job || !schedule || schedule.paused) return { outcome: "off" };
        const now = clock.now();
        if (isOutdated(fireTime, { job, schedule, now })) return { outcome: "off" };
        if (await isOnRecord(trx, { jobId, fireTime })) return { outcome: "repeated" };
        const missed = await missedBefore(trx, { job, schedule, fireTime });
        // Sorts in the history before the entry that revealed it.
        const before = new Date(now.getTime() - 1);
        if (missed) await recordSkip(trx, { jobId, skip: missed, now: before });
        const fired = await queued(trx, { job, fireTime, now });
        if (fired.outcome === "skipped") await recordSkip(trx, { jobId, skip: fired.skip, now });
        return fired;
      });
    },
  };
}

/** After this long, everything that a schedule started has ended. */
const OVER_AFTER_MS = CATCH_UP_SECONDS.most * 1000;

/**
 * Reports whether only the schedule before the last change can have planned this time. Later on
 * Temporal's word counts, because it may have newer time zone rules than we do.
 */
function isOutdated(
  fireTime: string,
  { job, schedule, now }: {
    readonly job: JobsRow;
    readonly schedule: Schedule;
    readonly now: Date;
  },
): boolean {
  if (now.getTime() - Date.parse(lastChangeOf(job)) > OVER_AFTER_MS) return false;
  const time = Date.parse(fireTime);
  return fireTimesWithin(schedule, { after: time - 1, until: time }).length === 0;
}

/** When the job got its current schedule. */
const lastChangeOf = ({ schedule_changed_at, created_at }: JobsRow): string =>
  schedule_changed_at ?? created_at;

interface FireTime {
  readonly jobId: string;
  readonly fireTime: string;
}

async function isOnRecord(
  trx: Kysely<Tables>,
  { jobId, fireTime }: FireTime,
): Promise<boolean> {
  const run = await trx.selectFrom("runs").select("id")
    .where("job_id", "=", jobId).where("scheduled_for", "=", fireTime).executeTakeFirst();
  if (run) return true;
  const skip = await trx.selectFrom("schedule_skips").select("id")
    .where("job_id", "=", jobId).where("fire_time", "=", fireTime).executeTakeFirst();
  return skip !== undefined;
}

/**
 * Returns the first fire time since the last recorded one that has no record. When Temporal is late it
 * fires once and silently drops the other times, as it does those outside the catch-up window.
 */
async function missedBefore(
  trx: Kysely<Tables>,
  { job, schedule, fireTime }: {
    readonly job: JobsRow;
    readonly schedule: Schedule;
    readonly fireTime: string;
  },
): Promise<Skip | undefined> {
  const last = await lastOnRecord(trx, { jobId: job.id, fireTime }) ?? "";
  // Times before the last change belong to the previous schedule.
  const changed = lastChangeOf(job);
  const since = last > changed ? last : changed;
  const [due] = nextFireTimes(schedule, new Date(since), 1);
  if (!due || due.toISOString() >= fireTime) return undefined;
  const message = "Nothing was triggered at this time, nor at any until the next one on record, " +
    "as happens while Temporal or the control plane is away";
  return { fire_time: due.toISOString(), reason: "missed", message, active_run_id: null };
}

/** Returns the last fire time before this one that has a run or a skip. */
async function lastOnRecord(
  trx: Kysely<Tables>,
  { jobId, fireTime }: FireTime,
): Promise<string | undefined> {
  const run = await trx.selectFrom("runs").select("scheduled_for as time")
    .where("job_id", "=", jobId).where("scheduled_for", "<", fireTime)
    .orderBy("scheduled_for", "desc").limit(1).executeTakeFirst();
  const skip = await trx.selectFrom("schedule_skips").select("fire_time as time")
    .where("job_id", "=", jobId).where("fire_time", "<", fireTime)
    .orderBy("fire_time", "desc").limit(1).executeTakeFirst();
  return [run?.time, skip?.time].filter((time) => typeof time === "string").toSorted().at(-1);
}

async function recordSkip(
  trx: Kysely<Tables>,
  { jobId, skip, now }: { readonly jobId: string; readonly skip: Skip; readonly now: Date },
): Promise<void> {
  await trx.insertInto("schedule_skips").values({
    ...skip,
    id: crypto.randomUUID(),
    job_id: jobId,
    created_at: now.toISOString(),
  }).execute();
}

async function queued(
  trx: Kysely<Tables>,
  { job, fireTime, now }: {
    readonly job: JobsRow;
    readonly fireTime: string;
    readonly now: Date;
  },
): Promise<Extract<Fired, { outcome: "queued" | "skipped" }>> {
  const skipped = (reason: Skip["reason"], { message }: Problem, active_run_id: string | null) =>
    ({
      outcome: "skipped",
      skip: { fire_time: fireTime, reason, message, active_run_id },
    }) as const;
  try {
    await requireEligibleHost(trx, job);
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "host_not_eligible") throw error;
    return skipped("host_not_eligible", error, null);
  }
  const row = { ...queuedRow(job, { source: "schedule", now }), scheduled_for: fireTime };
  const { numInsertedOrUpdatedRows } = await trx.insertInto("runs").values(row)
    .onConflict((conflict) => conflict.doNothing()).executeTakeFirst();
  if (numInsertedOrUpdatedRows !== 0n) return { outcome: "queued", run: runOf(row) };
  const active = await activeRunOf(trx, job.id);
  return skipped("run_active", runAlreadyActive(active ?? "unknown", job.name), active ?? null);
}

/** Reads the schedule from a job's row; it was validated when the job was saved. */
export function scheduleOf({ schedule }: Pick<JobsRow, "schedule">): Schedule | null {
  return schedule === null ? null : JSON.parse(schedule);
}

/** Records that Temporal needs a job's new schedule. Call it in the transaction that changes or removes it. */
export async function recordScheduleChange(
  trx: Kysely<Tables>,
  { jobId, now }: { readonly jobId: string; readonly now: Date },
): Promise<void> {
  const change = { change_id: crypto.randomUUID(), created_at: now.toISOString() };
  await trx.insertInto("schedule_changes").values({ job_id: jobId, ...change })
    .onConflict((conflict) => conflict.column("job_id").doUpdateSet(change)).execute();
}
