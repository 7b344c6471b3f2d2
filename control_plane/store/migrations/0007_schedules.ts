/** Schedules of jobs, their changes that Temporal still needs, and skipped fire times. */

import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

export const schedules: Migration = { up };

async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("jobs").addColumn("schedule", "text").execute();
  await db.schema.alterTable("runs").addColumn("scheduled_for", "text").execute();
  await db.schema.createIndex("runs_one_a_fire_time").unique().on("runs")
    .columns(["job_id", "scheduled_for"]).where(sql<boolean>`scheduled_for is not null`).execute();
  // No foreign key: the row outlives its job until Temporal has deleted the schedule.
  await db.schema.createTable("schedule_changes")
    .addColumn("job_id", "text", (column) => column.primaryKey())
    .addColumn("change_id", "text", (column) => column.notNull())
    .addColumn("created_at", "text", (column) => column.notNull())
    .execute();
  await db.schema.createTable("schedule_skips")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn(
      "job_id",
      "text",
      (column) => column.notNull().references("jobs.id").onDelete("cascade"),
    )
    .addColumn("fire_time", "text", (column) => column.notNull())
    .addColumn("reason", "text", (column) => column.notNull())
    .addColumn("message", "text", (column) => column.notNull())
    .addColumn("active_run_id", "text")
    .addColumn("created_at", "text", (column) => column.notNull())
    .addUniqueConstraint("schedule_skips_one_a_fire_time", ["job_id", "fire_time"])
    .execute();
  await db.schema.createIndex("schedule_skips_by_time").on("schedule_skips")
    .columns(["job_id", "created_at", "id"]).execute();
  await db.schema.createIndex("schedule_skips_by_age").on("schedule_skips").column("created_at")
    .execute();
}
