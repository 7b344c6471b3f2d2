/** Takes a consistent copy of a SQLite database that another process may be writing to. */

import { DatabaseSync } from "node:sqlite";

const OPTIONS = {
  readOnly: true,
  // Temporal's schema has string literals in double quotes, which SQLite must be told to accept.
  enableDoubleQuotedStringLiterals: true,
};
/** Our database uses WAL, where readers do not block; Temporal's journal mode makes them wait for the writer. */
const WAIT_MS = 10_000;

/**
 * Copies the database to `to`, which must not exist, in one read transaction, so that later commits are
 * not in the copy.
 * @throws SQLite's errors.
 */
export function copySqlite(from: string, to: string): void {
  const database = new DatabaseSync(from, OPTIONS);
  try {
    database.prepare(`pragma busy_timeout=${WAIT_MS}`).all();
    database.prepare("vacuum into ?").run(to);
  } finally {
    database.close();
  }
}
