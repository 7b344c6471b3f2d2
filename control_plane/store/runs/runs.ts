/** Runs: trigger, list and cancel. The outbox records what hosts report. */

import { type Kysely, sql } from "kysely";
import * as v from "valibot";
import type { AuditAction } from "../../../lib/contract/audit.ts";
import type { Run, RunStatus } from "../../../lib/contract/run.ts";
import type { Clock } from "../../../lib/ports.ts";
import { notFound } from "../../../lib/problems/rest.ts";
import { runAlreadyActive, runNotActive } from "../../../lib/problems/records.ts";
import { type Actor, recordChange } from "../audit.ts";
import { requireEligibleHost } from "../hosts/hosts.ts";
import { listCursor, pageOf, type PageRequest } from "../list_cursor.ts";
import type { RunsRow, Tables } from "../tables.ts";
import { queuedRow, runOf } from "./run_rows.ts";

export interface TriggerOptions {
  readonly source: Run["trigger"];
  /** Within 24 hours the same key for the same job returns the same run. */
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
   * Queues a run of a job; `repeated` means that the idempotency key had queued it before. Scheduled runs
   * are not in the audit list, because no person triggered them.
   * @throws `job_not_found`, `host_not_eligible`, `run_already_active`.
   */
  trigger(
    jobId: string,
    options: TriggerOptions,
    by: Actor,
  ): Promise<{ run: Run; repeated: boolean }>;
  /**
   * Lists runs, newest first; pages stay stable while runs are added.
   * @throws `invalid_input` for a cursor of another list.
   */
  list(filter: RunFilter): Promise<{ runs: readonly Run[]; next_cursor: string | null }>;
  /** Lists all active runs, oldest first. */
  active(): Promise<readonly ActiveRun[]>;
  /** @throws `run_not_found`. */
  get(id: string): Promise<Run>;
  /**
   * Cancels a run. Ends it at once if the dispatcher has not claimed it; otherwise records the request,
   * which the dispatcher delivers.
   * @throws `run_not_found`, `run_not_active`.
   */
  cancel(id: string, by: Actor): Promise<Run>;
}

const IDEMPOTENCY_KEY_LIFE_MS = 24 * 3_600_000;

const CURSOR = listCursor("runs", v.strictTuple([v.string(), v.string()]));

export function runStore(db: Kysely<Tables>, clock: Clock): RunStore {
  return {
    trigger(jobId, { source, idempotencyKey }, by) {
      return db.transaction().execute(async (trx) => {
        // The lock serializes triggers and changes of the job.
        const job = await trx.selectFrom("jobs").selectAll().where("id", "=", jobId)
          .forUpdate().executeTakeFirst();
        if (!job) throw notFound("job", jobId);
        const earlier = await runByKey(trx, jobId, idempotencyKey);
        if (earlier) return { run: runOf(earlier), repeated: true };

        await requireEligibleHost(trx, job);
        const row = queuedRow(job, { source, now: clock.now() });
        // The index "runs_one_active" admits one of several concurrent triggers. "Do nothing" on the
        // conflict keeps the transaction usable on Postgres, where an error would abort it.
        const { numInsertedOrUpdatedRows } = await trx.insertInto("runs").values(row)
          .onConflict((conflict) => conflict.doNothing()).executeTakeFirst();
        if (numInsertedOrUpdatedRows === 0n) {
          throw runAlreadyActive(await activeRunOf(trx, jobId) ?? "unknown", job.name);
        }
        if (idempotencyKey !== undefined) await keepKey(trx, row, idempotencyKey);
        const run = runOf(row);
        if (source === "manual") await record(trx, { by, action: "run.trigger", run });
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
      return db.transaction().execute(async (trx) => {
        const now = clock.now().toISOString();
        const ended = await trx.updateTable("runs").set({
          status: "canceled",
          reason: "canceled_by_user",
          message: "Canceled before a host was asked to run it",
          cancel_requested_at: now,
          ended_at: now,
        }).where("id", "=", id).where("status", "=", "queued").where("claimed_at", "is", null)
          .executeTakeFirst();
        const isEnded = ended.numUpdatedRows > 0n;
        const isWished = !isEnded && await wishCancel(trx, { id, now });
        const run = await runById(trx, id);
        if (isEnded || isWished) await record(trx, { by, action: "run.cancel", run });
        else if (run.ended_at !== null) throw runNotActive(id, run.status);
        return run;
      });
    },
  };

  function record(
    trx: Kysely<Tables>,
    { by, action, run }: { by: Actor; action: AuditAction; run: Run },
  ): Promise<void> {
    const { id, job_id, job_name: name, host_id } = run;
    const target = { kind: "run", id, name } as const;
    return recordChange(trx, {
      by,
      at: clock.now(),
      action,
      target,
      details: { job_id, host_id },
    });
  }

  async function runByKey(trx: Kysely<Tables>, jobId: string, key: string | undefined) {
    if (key === undefined) return undefined;
    const since = new Date(clock.now().getTime() - IDEMPOTENCY_KEY_LIFE_MS).toISOString();
    await trx.deleteFrom("idempotency_keys").where("job_id", "=", jobId)
      .where("created_at", "<=", since).execute();
    return trx.selectFrom("idempotency_keys").innerJoin("runs", "runs.id", "run_id")
      .selectAll("runs").where("idempotency_keys.job_id", "=", jobId).where("key", "=", key)
      .executeTakeFirst();
  }
}

type FilterColumn = "job_id" | "host_id" | "agent_type" | "status";

/** Most selective filter first: job, then active status, then host. A type or an ended status may match nearly all. */
function narrowest(
  { job, host, status }: Pick<RunFilter, "job" | "host" | "status">,
): FilterColumn | undefined {
  if (job !== undefined) return "job_id";
  if (status === "queued" || status === "running") return "status";
  return host === undefined ? undefined : "host_id";
}

/**
 * Applies the other filters to the rows that the first filter's index finds. `|| ''` keeps SQLite, which
 * has no statistics, from choosing an index on the other columns.
 */
function columnsReadBy(first: FilterColumn | undefined) {
  return (column: FilterColumn) =>
    first === undefined || first === column ? column : sql<string>`${sql.ref(column)} || ''`;
}

/** Returns false if the run has ended or a cancel was already requested. */
async function wishCancel(
  trx: Kysely<Tables>,
  { id, now }: { id: string; now: string },
): Promise<boolean> {
  const { numUpdatedRows } = await trx.updateTable("runs").set({ cancel_requested_at: now })
    .where("id", "=", id).where("ended_at", "is", null)
    .where("cancel_requested_at", "is", null).executeTakeFirst();
  return numUpdatedRows > 0n;
}

async function keepKey(
  trx: Kysely<Tables>,
  { id, created_at, job_id }: RunsRow,
  key: string,
): Promise<void> {
  if (job_id === null) return;
  await trx.insertInto("idempotency_keys").values({ job_id, key, run_id: id, created_at })
    .execute();
}

async function runById(db: Kysely<Tables>, id: string): Promise<Run> {
  const row = await db.selectFrom("runs").selectAll().where("id", "=", id).executeTakeFirst();
  if (!row) throw notFound("run", id);
  return runOf(row);
}

export type ActiveRun = Pick<Run, "id" | "job_id" | "job_name" | "host_id" | "status">;

/** Lists all active runs, oldest first; a job has at most one. */
export async function activeRuns(db: Kysely<Tables>): Promise<readonly ActiveRun[]> {
  const rows = await db.selectFrom("runs")
    .select(["id", "job_id", "job_name", "host_id", "status", "created_at"])
    .where("ended_at", "is", null).execute();
  // Sorted here, because the partial index has another order and the rows are few.
  return rows.toSorted((a, b) => a.created_at < b.created_at ? -1 : 1);
}

/** Returns the id of a job's queued or running run. */
export async function activeRunOf(db: Kysely<Tables>, jobId: string): Promise<string | undefined> {
  const run = await db.selectFrom("runs").select("id")
    .where("job_id", "=", jobId).where("ended_at", "is", null).executeTakeFirst();
  return run?.id;
}
