/** The report of a host's last heartbeat. */

import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

export const hostReports: Migration = { up };

async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("hosts").addColumn("report", "text").execute();
}
