/** The version of a job's definition, and the indexes for lists of jobs. */

import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

export const jobVersions: Migration = { up };

async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("jobs")
    .addColumn("version", "integer", (column) => column.notNull().defaultTo(1))
    .execute();
  for (const filter of ["", "host_id", "agent_type"]) {
    const columns = filter ? [filter, "name", "id"] : ["name", "id"];
    await db.schema.createIndex(`jobs_by_${filter || "name"}`).on("jobs").columns(columns)
      .execute();
  }
}
