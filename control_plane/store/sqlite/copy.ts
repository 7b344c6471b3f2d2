/** Copies a SQLite database that another process may be at work on, as it stands at one moment. */

import { DatabaseSync } from "node:sqlite";

const OPTIONS = {
  readOnly: true,
  // Temporal's schema has texts in double quotes, which is SQLite's own old leniency.
  enableDoubleQuotedStringLiterals: true,
};
/** In WAL, as ours, readers and a writer pass each other; in Temporal's mode they take turns. */
const WAIT_MS = 10_000;

/**
 * Writes a whole database of its own at `to`, which must not exist: one read transaction, so that what is
 * committed meanwhile is not in it. Throws what SQLite says.
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
