/** Hosts and jobs. */

import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

export const hostsAndJobs: Migration = { up };

async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.createTable("hosts")
    .addColumn("host_id", "text", (column) => column.primaryKey())
    .addColumn("installation_id", "text", (column) => column.notNull())
    .addColumn("managed_agents", "text", (column) => column.notNull())
    .addColumn("version", "text", (column) => column.notNull())
    .addColumn("engine", "text")
    .addColumn("registered_at", "text", (column) => column.notNull())
    .addColumn("last_heartbeat_at", "text")
    .execute();
  await db.schema.createTable("jobs")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("host_id", "text", (column) => column.notNull().references("hosts.host_id"))
    .addColumn("agent_type", "text", (column) => column.notNull())
    .addColumn("parameters", "text", (column) => column.notNull())
    .addColumn("run_limit_seconds", "integer", (column) => column.notNull())
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("updated_at", "text", (column) => column.notNull())
    .execute();
}
