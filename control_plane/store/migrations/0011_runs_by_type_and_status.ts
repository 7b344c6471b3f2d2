/** An index for runs filtered by both type and status, where either filter alone matches many rows. */

import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

export const runsByTypeAndStatus: Migration = { up };

async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.createIndex("runs_by_agent_type_and_status").on("runs")
    .columns(["agent_type", "status", "created_at", "id"]).execute();
}
