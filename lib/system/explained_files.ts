/** A file system whose common failures are Problems: no permission, no space, read-only. */

import type { Files, LockFile } from "../ports.ts";
import { diskFull, diskReadOnly, pathUnreadable, pathUnwritable } from "../problems/host.ts";

const REASONS: Readonly<Record<string, "denied" | "full" | "readOnly">> = {
  EACCES: "denied",
  EPERM: "denied",
  PermissionDenied: "denied",
  ENOSPC: "full",
  EDQUOT: "full",
  EROFS: "readOnly",
};

/** The same files; a failure that an operator can mend is a Problem that says how. */
export function explainedFiles(files: Files): Files {
  const reading = <T>(path: string, work: () => Promise<T>) => explained(path, "read", work);
  const writing = <T>(path: string, work: () => Promise<T>) => explained(path, "write", work);
  return {
    stat: (path) => reading(path, () => files.stat(path)),
    isLink: (path) => reading(path, () => files.isLink(path)),
    readText: (path) => reading(path, () => files.readText(path)),
    readBytes: (path, ...rest) => reading(path, () => files.readBytes(path, ...rest)),
    list: (path) => reading(path, () => files.list(path)),
    freeBytes: (path) => files.freeBytes(path),
    writeText: (path, ...rest) => writing(path, () => files.writeText(path, ...rest)),
    append: (path, mode) => writing(path, () => files.append(path, mode)),
    truncate: (path, length) => writing(path, () => files.truncate(path, length)),
    flush: (path) => writing(path, () => files.flush(path)),
    rename: (path, to) => writing(path, () => files.rename(path, to)),
    makeDir: (path, mode) => writing(path, () => files.makeDir(path, mode)),
    remove: (path) => writing(path, () => files.remove(path)),
    chown: (path, uid, gid) => writing(path, () => files.chown(path, uid, gid)),
    chownTree: (path, uid, gid) => writing(path, () => files.chownTree(path, uid, gid)),
    chmod: (path, mode) => writing(path, () => files.chmod(path, mode)),
  };
}

/** The same lock files, with the same Problems. */
export function explainedLockFile(lockFile: LockFile): LockFile {
  return (path) => explained(path, "write", () => lockFile(path));
}

async function explained<T>(
  path: string,
  intent: "read" | "write",
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = reasonFor(error);
    if (reason === "full") throw diskFull(path, error);
    if (reason === "readOnly") throw diskReadOnly(path, error);
    if (reason === undefined) throw error;
    throw intent === "read" ? pathUnreadable(path, error) : pathUnwritable(path, error);
  }
}

/** Deno reports some failures by the error's class, the others by the system's error code. */
function reasonFor(error: unknown): "denied" | "full" | "readOnly" | undefined {
  if (!(error instanceof Error)) return undefined;
  const word = "code" in error && typeof error.code === "string" ? error.code : error.name;
  return REASONS[word] ?? REASONS[error.name];
}
