/** Runs of a type and a status: many have the one, many the other, and maybe none have both. */

import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

export const runsByTypeAndStatus: Migration = { up };

async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.createIndex("runs_by_agent_type_and_status").on("runs")
    .columns(["agent_type", "status", "created_at", "id"]).execute();
}
