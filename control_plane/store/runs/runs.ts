/** Runs: triggering, listing and canceling. What a host reports is written by the outbox. */

import { type Kysely, sql } from "kysely";
import * as v from "valibot";
import type { AuditAction } from "../../../lib/contract/audit.ts";
import type { Run, RunStatus } from "../../../lib/contract/run.ts";
import type { Clock } from "../../../lib/ports.ts";
import { notFound, runAlreadyActive, runNotActive } from "../../../lib/problems/rest.ts";
import { type Actor, recordChange } from "../audit.ts";
import { requireEligibleHost } from "../hosts/hosts.ts";
import { listCursor, pageOf, type PageRequest } from "../list_cursor.ts";
import type { RunsRow, Tables } from "../tables.ts";
import { queuedRow, runOf } from "./run_rows.ts";

export interface TriggerOptions {
  readonly source: Run["trigger"];
  /** Within 24 hours the same key for the same job answers the same run. */
  readonly idempotencyKey?: string | undefined;
}

export interface RunFilter extends PageRequest {
  readonly host?: string | undefined;
  readonly agent_type?: Run["agent_type"] | undefined;
  readonly status?: RunStatus | undefined;
  readonly job?: string | undefined;
}

export interface RunStore {
  /**
   * Queues a run of a job; `repeated` when the idempotency key had queued it before. What a schedule
   * queues stands in the history alone: nobody did it. Throws `job_not_found`, `host_not_eligible` and
   * `run_already_active`.
   */
  trigger(
    jobId: string,
    options: TriggerOptions,
    by: Actor,
  ): Promise<{ run: Run; repeated: boolean }>;
  /** Newest first; stable while runs are added. Throws `invalid_input` for a foreign cursor. */
  list(filter: RunFilter): Promise<{ runs: readonly Run[]; next_cursor: string | null }>;
  /** All active runs, oldest first. */
  active(): Promise<readonly ActiveRun[]>;
  /** Throws `run_not_found`. */
  get(id: string): Promise<Run>;
  /**
   * Ends a run that was not taken by the dispatcher yet; of a taken one it notes the wish, which the
   * dispatcher delivers. Throws `run_not_found` and `run_not_active`.
   */
  cancel(id: string, by: Actor): Promise<Run>;
}

const KEY_KEPT_MS = 24 * 3_600_000;

const CURSOR = listCursor("runs", v.strictTuple([v.string(), v.string()]));

export function runStore(db: Kysely<Tables>, clock: Clock): RunStore {
  return {
    trigger(jobId, { source, idempotencyKey }, by) {
      return db.transaction().execute(async (step) => {
        // One trigger of a job at a time, and none beside a change of it.
        const job = await step.selectFrom("jobs").selectAll().where("id", "=", jobId)
          .forUpdate().executeTakeFirst();
        if (!job) throw notFound("job", jobId);
        const earlier = await runByKey(step, jobId, idempotencyKey);
        if (earlier) return { run: runOf(earlier), repeated: true };

        await requireEligibleHost(step, job);
        const row = queuedRow(job, { source, now: clock.now() });
        // Of several triggers at once the index "runs_one_active" lets one in. Doing nothing on the
        // conflict, instead of failing, keeps the transaction usable on Postgres.
        const { numInsertedOrUpdatedRows } = await step.insertInto("runs").values(row)
          .onConflict((conflict) => conflict.doNothing()).executeTakeFirst();
        if (numInsertedOrUpdatedRows === 0n) {
          throw runAlreadyActive(await activeRunOf(step, jobId) ?? "unknown", job.name);
        }
        if (idempotencyKey !== undefined) await keepKey(step, row, idempotencyKey);
        const run = runOf(row);
        if (source === "manual") await record(step, { by, action: "run.trigger", run });
        return { run, repeated: false };
      });
    },

    async list({ limit, cursor, job, host, agent_type, status }) {
      let query = db.selectFrom("runs").selectAll();
      const column = columnsReadBy(narrowest({ job, host, status }));
      if (job !== undefined) query = query.where(column("job_id"), "=", job);
      if (host !== undefined) query = query.where(column("host_id"), "=", host);
      if (agent_type) query = query.where(column("agent_type"), "=", agent_type);
      if (status) query = query.where(column("status"), "=", status);
      if (cursor !== undefined) {
        const place = CURSOR.placeOf(cursor);
        query = query.where((eb) => eb(eb.refTuple("created_at", "id"), "<", eb.tuple(...place)));
      }
      const rows = await query.orderBy("created_at", "desc").orderBy("id", "desc")
        .limit(limit + 1).execute();
      const after = ({ created_at, id }: RunsRow) => CURSOR.after([created_at, id]);
      const { page, next_cursor } = pageOf(rows, { limit, after });
      return { runs: page.map(runOf), next_cursor };
    },

    active: () => activeRuns(db),

    get: (id) => runById(db, id),

    cancel(id, by) {
      return db.transaction().execute(async (step) => {
        const now = clock.now().toISOString();
        const ended = await step.updateTable("runs").set({
          status: "canceled",
          reason: "canceled_by_user",
          message: "Canceled before a host was asked to run it",
          cancel_requested_at: now,
          ended_at: now,
        }).where("id", "=", id).where("status", "=", "queued").where("claimed_at", "is", null)
          .executeTakeFirst();
        const isEnded = ended.numUpdatedRows > 0n;
        const isWished = !isEnded && await wishCancel(step, { id, now });
        const run = await runById(step, id);
        if (isEnded || isWished) await record(step, { by, action: "run.cancel", run });
        else if (run.ended_at !== null) throw runNotActive(id, run.status);
        return run;
      });
    },
  };

  function record(
    step: Kysely<Tables>,
    { by, action, run }: { by: Actor; action: AuditAction; run: Run },
  ): Promise<void> {
    const { id, job_id, job_name: name, host_id } = run;
    const target = { kind: "run", id, name } as const;
    return recordChange(step, {
      by,
      at: clock.now(),
      action,
      target,
      details: { job_id, host_id },
    });
  }

  async function runByKey(step: Kysely<Tables>, jobId: string, key: string | undefined) {
    if (key === undefined) return undefined;
    const since = new Date(clock.now().getTime() - KEY_KEPT_MS).toISOString();
    await step.deleteFrom("idempotency_keys").where("job_id", "=", jobId)
      .where("created_at", "<=", since).execute();
    return step.selectFrom("idempotency_keys").innerJoin("runs", "runs.id", "run_id")
      .selectAll("runs").where("idempotency_keys.job_id", "=", jobId).where("key", "=", key)
      .executeTakeFirst();
  }
}

type FilterColumn = "job_id" | "host_id" | "agent_type" | "status";

/** A job has few of all runs; few are not over; then a host's. Of one type, or over, nearly all may be. */
function narrowest(
  { job, host, status }: Pick<RunFilter, "job" | "host" | "status">,
): FilterColumn | undefined {
  if (job !== undefined) return "job_id";
  if (status === "queued" || status === "running") return "status";
  return host === undefined ? undefined : "host_id";
}

/**
 * The other columns are held against the rows that the index of the first one finds, as likes of them
 * that no index is on: SQLite, without statistics, would read by whichever comes.
 */
function columnsReadBy(first: FilterColumn | undefined) {
  return (column: FilterColumn) =>
    first === undefined || first === column ? column : sql<string>`${sql.ref(column)} || ''`;
}

/** False when the run has ended, or somebody had wished it before. */
async function wishCancel(
  step: Kysely<Tables>,
  { id, now }: { id: string; now: string },
): Promise<boolean> {
  const { numUpdatedRows } = await step.updateTable("runs").set({ cancel_requested_at: now })
    .where("id", "=", id).where("ended_at", "is", null)
    .where("cancel_requested_at", "is", null).executeTakeFirst();
  return numUpdatedRows > 0n;
}

async function keepKey(
  step: Kysely<Tables>,
  { id, created_at, job_id }: RunsRow,
  key: string,
): Promise<void> {
  if (job_id === null) return;
  await step.insertInto("idempotency_keys").values({ job_id, key, run_id: id, created_at })
    .execute();
}

async function runById(db: Kysely<Tables>, id: string): Promise<Run> {
  const row = await db.selectFrom("runs").selectAll().where("id", "=", id).executeTakeFirst();
  if (!row) throw notFound("run", id);
  return runOf(row);
}

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
