/** When a job's schedule was last changed: the times before that may not have been due. */

import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

export const scheduleChangeTimes: Migration = { up };

async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("jobs").addColumn("schedule_changed_at", "text").execute();
  // Of the jobs that there are nobody knows what their last change was.
  await sql`update jobs set schedule_changed_at = updated_at`.execute(db);
}
