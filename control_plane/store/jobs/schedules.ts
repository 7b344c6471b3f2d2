/** Schedules of jobs: what Temporal is to be told of them, and what becomes of a time that has come. */

import type { Kysely } from "kysely";
import type { Skip } from "../../../lib/contract/history.ts";
import type { Run } from "../../../lib/contract/run.ts";
import { fireTimesWithin, nextFireTimes } from "../../../lib/contract/schedules/fire_times.ts";
import { CATCH_UP_SECONDS, type Schedule } from "../../../lib/contract/schedules/schedule.ts";
import type { Clock } from "../../../lib/ports.ts";
import { Problem } from "../../../lib/problems/problem.ts";
import { runAlreadyActive } from "../../../lib/problems/rest.ts";
import { requireEligibleHost } from "../hosts/hosts.ts";
import { queuedRow, runOf } from "../runs/run_rows.ts";
import { activeRunOf } from "../runs/runs.ts";
import type { JobsRow, Tables } from "../tables.ts";

export interface ScheduleChange {
  readonly job_id: string;
  /** Another one with each change. */
  readonly change_id: string;
}

/**
 * What a fire time has come to: "off" is a job that is gone, or has no schedule now, a paused one, or
 * another one than that which named the time.
 */
export type Fired =
  | { readonly outcome: "queued"; readonly run: Run }
  | { readonly outcome: "skipped"; readonly skip: Skip }
  | { readonly outcome: "repeated" | "off" };

/** Every call may be repeated. */
export interface ScheduleStore {
  /** Changes that Temporal has not been seen to have; the oldest first. */
  changes(limit: number): Promise<readonly ScheduleChange[]>;
  /** Temporal has the change; one that was made since stays. */
  settle(change: ScheduleChange): Promise<void>;
  /** What a job's schedule should be; null for none, also of a job that is gone. */
  wanted(jobId: string): Promise<Schedule | null>;
  /** Ids of jobs with a schedule, in their order; only those greater than `after`. */
  jobs(after: string, limit: number): Promise<readonly string[]>;
  /** Queues the one run of a fire time, or records why there is none, and what was missed before it. */
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
      return db.transaction().execute(async (step) => {
        // As with a trigger by hand: one at a time of a job, and none beside a change of it.
        const job = await step.selectFrom("jobs").selectAll().where("id", "=", jobId)
          .forUpdate().executeTakeFirst();
        const schedule = job ? scheduleOf(job) : null;
        if (!job || !schedule || schedule.paused) return { outcome: "off" };
        const now = clock.now();
        if (isOutdated(fireTime, { job, schedule, now })) return { outcome: "off" };
        if (await isOnRecord(step, { jobId, fireTime })) return { outcome: "repeated" };
        const missed = await missedBefore(step, { job, schedule, fireTime });
        // In the history it stands before that by which it was noticed.
        const before = new Date(now.getTime() - 1);
        if (missed) await recordSkip(step, { jobId, skip: missed, now: before });
        const fired = await queued(step, { job, fireTime, now });
        if (fired.outcome === "skipped") await recordSkip(step, { jobId, skip: fired.skip, now });
        return fired;
      });
    },
  };
}

/** By then all is over that a schedule has started. */
const OVER_AFTER_MS = CATCH_UP_SECONDS.most * 1000;

/**
 * Whether only the schedule before the last change can have named the time. Once that one is over,
 * Temporal's word counts: it may know a newer law of the zone's clocks than we do.
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

/** When the job got the schedule that it has. */
const lastChangeOf = ({ schedule_changed_at, created_at }: JobsRow): string =>
  schedule_changed_at ?? created_at;

interface FireTime {
  readonly jobId: string;
  readonly fireTime: string;
}

async function isOnRecord(
  step: Kysely<Tables>,
  { jobId, fireTime }: FireTime,
): Promise<boolean> {
  const run = await step.selectFrom("runs").select("id")
    .where("job_id", "=", jobId).where("scheduled_for", "=", fireTime).executeTakeFirst();
  if (run) return true;
  const skip = await step.selectFrom("schedule_skips").select("id")
    .where("job_id", "=", jobId).where("fire_time", "=", fireTime).executeTakeFirst();
  return skip !== undefined;
}

/**
 * The first time since the last one on record that nobody was told of. Of the times that Temporal is late
 * for it names one, and leaves out the others without a word, as it does those beyond the window.
 */
async function missedBefore(
  step: Kysely<Tables>,
  { job, schedule, fireTime }: {
    readonly job: JobsRow;
    readonly schedule: Schedule;
    readonly fireTime: string;
  },
): Promise<Skip | undefined> {
  const last = await lastOnRecord(step, { jobId: job.id, fireTime }) ?? "";
  // What was due before the schedule was changed was due under another one.
  const changed = lastChangeOf(job);
  const since = last > changed ? last : changed;
  const [due] = nextFireTimes(schedule, new Date(since), 1);
  if (!due || due.toISOString() >= fireTime) return undefined;
  const message = "Nothing was triggered at this time, nor at any until the next one on record, " +
    "as happens while Temporal or the control plane is away";
  return { fire_time: due.toISOString(), reason: "missed", message, active_run_id: null };
}

/** The last fire time before this one that had a run, or a skip. */
async function lastOnRecord(
  step: Kysely<Tables>,
  { jobId, fireTime }: FireTime,
): Promise<string | undefined> {
  const run = await step.selectFrom("runs").select("scheduled_for as time")
    .where("job_id", "=", jobId).where("scheduled_for", "<", fireTime)
    .orderBy("scheduled_for", "desc").limit(1).executeTakeFirst();
  const skip = await step.selectFrom("schedule_skips").select("fire_time as time")
    .where("job_id", "=", jobId).where("fire_time", "<", fireTime)
    .orderBy("fire_time", "desc").limit(1).executeTakeFirst();
  return [run?.time, skip?.time].filter((time) => typeof time === "string").toSorted().at(-1);
}

async function recordSkip(
  step: Kysely<Tables>,
  { jobId, skip, now }: { readonly jobId: string; readonly skip: Skip; readonly now: Date },
): Promise<void> {
  await step.insertInto("schedule_skips").values({
    ...skip,
    id: crypto.randomUUID(),
    job_id: jobId,
    created_at: now.toISOString(),
  }).execute();
}

async function queued(
  step: Kysely<Tables>,
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
    await requireEligibleHost(step, job);
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "host_not_eligible") throw error;
    return skipped("host_not_eligible", error, null);
  }
  const row = { ...queuedRow(job, { source: "schedule", now }), scheduled_for: fireTime };
  const { numInsertedOrUpdatedRows } = await step.insertInto("runs").values(row)
    .onConflict((conflict) => conflict.doNothing()).executeTakeFirst();
  if (numInsertedOrUpdatedRows !== 0n) return { outcome: "queued", run: runOf(row) };
  const active = await activeRunOf(step, job.id);
  return skipped("run_active", runAlreadyActive(active ?? "unknown", job.name), active ?? null);
}

/** The schedule of a job's row, as it was checked when the job was saved. */
export function scheduleOf({ schedule }: Pick<JobsRow, "schedule">): Schedule | null {
  return schedule === null ? null : JSON.parse(schedule);
}

/** To be called in the transaction that changes a job's schedule, or removes one. */
export async function noteScheduleChange(
  step: Kysely<Tables>,
  { jobId, now }: { readonly jobId: string; readonly now: Date },
): Promise<void> {
  const change = { change_id: crypto.randomUUID(), created_at: now.toISOString() };
  await step.insertInto("schedule_changes").values({ job_id: jobId, ...change })
    .onConflict((conflict) => conflict.column("job_id").doUpdateSet(change)).execute();
}
