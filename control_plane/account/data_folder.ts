/** The data folder: closed to other users, and locked while a control plane or one of its commands works in it. */

import type { Clock, Files, LockFile } from "../../lib/ports.ts";
import { dataFolderInUse, dataFolderOpen } from "../../lib/problems/plane.ts";

export const DATABASE_FILE = "plane.sqlite";
const LOCK_FILE = "plane.lock";
const GROUP_AND_OTHERS = 0o077;
const RETRY_EVERY_MS = 200;
const ATTEMPTS = 150;

/** Creates the folder with mode 0700, or checks that others cannot read it. @throws `data_folder_open`. */
export async function openDataFolder(files: Files, folder: string): Promise<void> {
  await files.makeDir(folder, 0o700);
  const info = await files.stat(folder);
  if (info && (info.mode & GROUP_AND_OTHERS) !== 0) throw dataFolderOpen(folder, info.mode);
}

/**
 * Locks the folder until disposed. Two control planes on one SQLite file would block each other's writes.
 * @throws `data_folder_in_use`.
 */
export async function lockDataFolder(lockFile: LockFile, folder: string): Promise<Disposable> {
  const lock = await lockFile(`${folder}/${LOCK_FILE}`);
  if (!lock) throw dataFolderInUse(folder);
  return lock;
}

/**
 * Waits for the lock of a folder that several control planes share, as they may with Postgres. They hold it
 * only while they create keys and users.
 * @throws `data_folder_in_use` after 30 s.
 */
export async function lockSharedFolder(
  lockFile: LockFile,
  folder: string,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Disposable> {
  for (let attempt = 1; attempt < ATTEMPTS; attempt++) {
    const lock = await lockFile(`${folder}/${LOCK_FILE}`);
    if (lock) return lock;
    await clock.sleep(RETRY_EVERY_MS, signal);
  }
  return await lockDataFolder(lockFile, folder);
}
