/** SQLite's result codes that an operator can do something about, as Problems. */

import { storageBusy, storageFull, storageUnusable } from "../../../lib/problems/store.ts";

/** Primary result codes, https://www.sqlite.org/rescode.html; an extended one has them as its low byte. */
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

/** Does the work; throws `storage_full`, `storage_busy` and `storage_unusable`, or what was thrown. */
export function explainingFaults<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const factory = FACTORIES.get(primaryCode(error) ?? -1);
    throw factory ? factory(error) : error;
  }
}

/** Whether the file itself is at fault: not SQLite's, or not whole. */
export function isDamage(error: unknown): boolean {
  const code = primaryCode(error);
  return code === CORRUPT || code === NOTADB;
}

function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}
