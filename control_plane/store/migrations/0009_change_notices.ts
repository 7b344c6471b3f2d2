/** Postgres triggers that announce changes of hosts, jobs and runs to all processes on commit. */

import { type Kysely, PostgresAdapter, sql } from "kysely";
import type { Migration } from "kysely/migration";

/** The LISTEN channel; the payload is the name of the table. */
export const CHANNEL = "bigeye_changes";

export const changeNotices: Migration = { up };

/** A heartbeat writes none of these columns; the process that receives heartbeats announces them in batches. */
const HOST_COLUMNS = "host_id, installation_id, managed_agents";

async function up(db: Kysely<unknown>): Promise<void> {
  // On SQLite a single process makes all changes and announces them itself.
  if (!(db.getExecutor().adapter instanceof PostgresAdapter)) return;
  await sql`create function announce_change() returns trigger language plpgsql as $$
    begin
      perform pg_notify(${sql.lit(CHANNEL)}, tg_table_name);
      return null;
    end $$`.execute(db);
  for (const [table, columns] of [["hosts", HOST_COLUMNS], ["jobs"], ["runs"]] as const) {
    const update = columns === undefined ? "update" : `update of ${columns}`;
    await sql`create trigger announce_change after insert or delete or ${sql.raw(update)}
      on ${sql.table(table)} for each statement execute function announce_change()`.execute(db);
  }
}
