/** What a host says of itself in its last heartbeat. */

import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

export const hostReports: Migration = { up };

async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("hosts").addColumn("report", "text").execute();
}
