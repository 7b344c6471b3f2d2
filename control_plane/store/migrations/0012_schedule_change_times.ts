/** The time of the last schedule change; earlier fire times belong to another schedule. */

import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

export const scheduleChangeTimes: Migration = { up };

async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("jobs").addColumn("schedule_changed_at", "text").execute();
  // For existing jobs it is unknown when the schedule was last changed.
  await sql`update jobs set schedule_changed_at = updated_at`.execute(db);
}
