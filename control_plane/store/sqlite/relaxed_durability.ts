/** Marks writes that need not outlive a power cut, as whoever made them soon makes them again. */

import type { CompiledQuery } from "kysely";

const MARK = "/* unflushed */ ";

/**
 * The same write, which does not wait for the disk on SQLite, where that holds up the whole process; a
 * crash of the process alone loses nothing. The next write that is flushed takes this one along. Not for
 * a transaction. On Postgres others go on meanwhile, so nothing is different there.
 */
export function unflushed<T>(query: CompiledQuery<T>): CompiledQuery<T> {
  return { ...query, sql: MARK + query.sql };
}

export function isUnflushed(sql: string): boolean {
  return sql.startsWith(MARK);
}
