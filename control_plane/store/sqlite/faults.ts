/** Maps SQLite result codes to Problems that an operator can act on. */

import { storageBusy, storageFull, storageUnusable } from "../../../lib/problems/database.ts";

/** Primary result codes, https://www.sqlite.org/rescode.html; the low byte of an extended code. */
const PERM = 3;
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

const FACTORIES = new Map([
  [FULL, storageFull],
  [BUSY, storageBusy],
  [LOCKED, storageBusy],
  ...[PERM, READONLY, IOERR, CORRUPT, CANTOPEN, NOTADB].map((code) =>
    [code, storageUnusable] as const
  ),
]);

/**
 * Runs `work` and turns database errors into Problems.
 * @throws `storage_full`, `storage_busy`, `storage_unusable`; other errors pass through.
 */
export function withDatabaseProblems<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const factory = FACTORIES.get(primaryCode(error) ?? -1);
    throw factory ? factory(error) : error;
  }
}

/** Reports whether the file is damaged or not a SQLite database. */
export function isDamage(error: unknown): boolean {
  const code = primaryCode(error);
  return code === CORRUPT || code === NOTADB;
}

function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}
