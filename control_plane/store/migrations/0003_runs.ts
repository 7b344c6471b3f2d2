/** Runs with their database constraints, and the idempotency keys of triggers. */

import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

export const runs: Migration = { up };

async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.createTable("runs")
    .addColumn("id", "text", (column) => column.primaryKey())
    // No "on delete": a job cannot be deleted while a row references it, so its ended runs are detached
    // first, and an active run blocks the deletion.
    .addColumn("job_id", "text", (column) => column.references("jobs.id"))
    .addColumn("job_name", "text", (column) => column.notNull())
    .addColumn("host_id", "text", (column) => column.notNull())
    .addColumn("agent_type", "text", (column) => column.notNull())
    .addColumn("parameters", "text", (column) => column.notNull())
    .addColumn("run_limit_seconds", "integer", (column) => column.notNull())
    .addColumn("trigger_source", "text", (column) => column.notNull())
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("reason", "text")
    .addColumn("message", "text")
    .addColumn("exit_code", "integer")
    .addColumn("connections", "text", (column) => column.notNull())
    .addColumn("phases", "text", (column) => column.notNull())
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("started_at", "text")
    .addColumn("ended_at", "text")
    .addColumn("claimed_at", "text")
    .addColumn("dispatched_at", "text")
    .addColumn("cancel_requested_at", "text")
    .addColumn("cancel_delivered_at", "text")
    .addCheckConstraint(
      "run_ends_once",
      sql`(status in ('queued', 'running')) = (ended_at is null)`,
    )
    .execute();
  // SQLite uses a partial index only if the query's text implies the predicate, and a bound value implies
  // nothing. Hence "is null" everywhere, which the check above ties to the status.
  await db.schema.createIndex("runs_one_active").unique().on("runs").column("job_id")
    .where(sql<boolean>`ended_at is null`).execute();
  await db.schema.createIndex("runs_undispatched").on("runs").columns(["created_at", "id"])
    .where(sql<boolean>`dispatched_at is null and ended_at is null`).execute();
  const undelivered = sql<boolean>`cancel_requested_at is not null
    and cancel_delivered_at is null and ended_at is null`;
  await db.schema.createIndex("runs_undelivered_cancels").on("runs")
    .columns(["cancel_requested_at", "id"]).where(undelivered).execute();
  for (const filter of ["", "host_id", "job_id", "status", "agent_type"]) {
    const columns = filter ? [filter, "created_at", "id"] : ["created_at", "id"];
    await db.schema.createIndex(`runs_by_${filter || "time"}`).on("runs").columns(columns)
      .execute();
  }
  await db.schema.createTable("idempotency_keys")
    .addColumn("job_id", "text", (column) => column.references("jobs.id").onDelete("cascade"))
    .addColumn("key", "text")
    .addColumn("run_id", "text", (column) => column.references("runs.id").onDelete("cascade"))
    .addColumn("created_at", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("idempotency_keys_pk", ["job_id", "key"])
    .execute();
  await db.schema.createIndex("idempotency_keys_by_run").on("idempotency_keys").column("run_id")
    .execute();
}
