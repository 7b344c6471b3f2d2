/** Users, API keys, and the account's settings. */

import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

export const accounts: Migration = { up };

async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.createTable("users")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("role", "text", (column) => column.notNull().check(sql`role in ('admin', 'member')`))
    .addColumn("created_at", "text", (column) => column.notNull())
    .execute();
  await db.schema.createTable("api_keys")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("user_id", "text", (column) => column.references("users.id").onDelete("cascade"))
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("description", "text", (column) => column.notNull())
    .addColumn("hash", "text", (column) => column.notNull().unique())
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("last_used_at", "text")
    .addColumn("last_used_ip", "text")
    .addCheckConstraint("key_has_owner", sql`(kind = 'personal') = (user_id is not null)`)
    .execute();
  await db.schema.createTable("settings")
    .addColumn("name", "text", (column) => column.primaryKey())
    .addColumn("value", "text", (column) => column.notNull())
    .execute();
}
