/** Writes that need not outlive a power cut, as whoever made them soon makes them again. */

import { CompiledQuery, type Kysely, SqliteAdapter } from "kysely";
import type { Tables } from "./tables.ts";

const NORMAL = CompiledQuery.raw("pragma synchronous=normal");
const FULL = CompiledQuery.raw("pragma synchronous=full");

/**
 * Does the write without waiting for the disk, which on SQLite holds up the whole process; a crash of the
 * process alone loses nothing. The next write that is flushed takes this one along. On Postgres others
 * go on meanwhile, so nothing is different there.
 */
export function unflushed<T>(
  db: Kysely<Tables>,
  write: (connection: Kysely<Tables>) => Promise<T>,
): Promise<T> {
  if (!(db.getExecutor().adapter instanceof SqliteAdapter)) return write(db);
  return db.connection().execute(async (connection) => {
    await connection.executeQuery(NORMAL);
    try {
      return await write(connection);
    } finally {
      await connection.executeQuery(FULL);
    }
  });
}
