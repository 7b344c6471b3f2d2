/** The audit list, and case-insensitive unique user names. */

import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

export const people: Migration = { up };

async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.createTable("audit")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("at", "text", (column) => column.notNull())
    .addColumn("actor_name", "text", (column) => column.notNull())
    // No foreign keys: an audit row outlives the user, key and object that it names.
    .addColumn("actor_user_id", "text")
    .addColumn("actor_key_id", "text")
    .addColumn("from_ip", "text")
    .addColumn("action", "text", (column) => column.notNull())
    .addColumn("target_kind", "text", (column) => column.notNull())
    .addColumn("target_id", "text", (column) => column.notNull())
    .addColumn("target_name", "text", (column) => column.notNull())
    .addColumn("details", "text", (column) => column.notNull())
    .execute();
  for (const filter of ["", "actor_name", "action", "target_id"]) {
    const columns = filter ? [filter, "at", "id"] : ["at", "id"];
    await db.schema.createIndex(`audit_by_${filter || "time"}`).on("audit").columns(columns)
      .execute();
  }
  await db.schema.createIndex("users_one_name").unique().on("users")
    .expression(sql`lower(name)`).execute();
}
