/** The lock of a host folder: at most one orchestrator works in it. */

import { hostPaths } from "../../lib/config/host_paths.ts";
import type { LockFile, Log } from "../../lib/ports.ts";
import { hostFolderInUse } from "../../lib/problems/host.ts";
import { reasonOf } from "../../lib/problems/problem.ts";

/** In the folder of runs, because the orchestrator's container can write nowhere else. Hidden, as it is no run. */
const LOCK_FILE = ".orchestrator.lock";

/**
 * Takes the lock until it is disposed. Resolves with `undefined`, after a warning, where the file system
 * has no locks. Does not wait: a process that was killed holds the lock no longer.
 *
 * @throws `host_folder_in_use` if another orchestrator holds it.
 */
export async function lockHostFolder(
  folder: string,
  { lockFile, log }: { readonly lockFile: LockFile; readonly log: Log },
): Promise<Disposable | undefined> {
  let lock: Disposable | undefined;
  try {
    lock = await lockFile(`${hostPaths(folder).runs}/${LOCK_FILE}`);
  } catch (error) {
    log("warn", "could not lock the host folder", { error: reasonOf(error) });
    return undefined;
  }
  if (!lock) throw hostFolderInUse(folder);
  return lock;
}
