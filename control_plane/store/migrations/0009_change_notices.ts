/** On Postgres each change of what open pages show is announced to all processes, as it is saved. */

import { type Kysely, PostgresAdapter, sql } from "kysely";
import type { Migration } from "kysely/migration";

/** What the processes listen on; a notice is the name of the table. */
export const CHANNEL = "bigeye_changes";

export const changeNotices: Migration = { up };

/** A heartbeat writes none of these; the process that takes it announces many of them at once. */
const HOST_COLUMNS = "host_id, installation_id, managed_agents";

async function up(db: Kysely<unknown>): Promise<void> {
  // On SQLite one process makes all changes, and knows them.
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
