/** Sessions of the pages. */

import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

export const sessions: Migration = { up };

async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.createTable("sessions")
    .addColumn("id", "text", (column) => column.primaryKey())
    // Deleting the user, or the key that began the session, deletes the session.
    .addColumn(
      "user_id",
      "text",
      (column) => column.notNull().references("users.id").onDelete("cascade"),
    )
    .addColumn(
      "key_id",
      "text",
      (column) => column.notNull().references("api_keys.id").onDelete("cascade"),
    )
    .addColumn("token_hash", "text", (column) => column.notNull().unique())
    .addColumn("previous_hash", "text")
    .addColumn("form_token", "text", (column) => column.notNull())
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("rotated_at", "text", (column) => column.notNull())
    .addColumn("last_used_at", "text", (column) => column.notNull())
    .execute();
  for (const column of ["previous_hash", "last_used_at", "key_id", "user_id"]) {
    await db.schema.createIndex(`sessions_by_${column}`).on("sessions").column(column).execute();
  }
}
