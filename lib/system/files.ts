/** The ports of the file system and of lock files. */

import type { AppendFile, FileInfo, Files, WriteOptions } from "../ports.ts";
import { decodedText } from "./text_file.ts";

export const systemFiles: Files = {
  stat: (path) => orMissing(async () => infoOf(await Deno.stat(path))),
  isLink: async (path) => (await orMissing(() => Deno.lstat(path)))?.isSymlink ?? false,
  readText: (path) => orMissing(async () => decodedText(await Deno.readFile(path), path)),
  readBytes: (path, offset, length) => orMissing(() => readBytes(path, offset, length)),
  writeText,
  append,
  truncate: (path, length) => Deno.truncate(path, length),
  flush,
  rename: (path, to) => Deno.rename(path, to),
  makeDir: (path, mode = 0o700) => Deno.mkdir(path, { recursive: true, mode }),
  list,
  remove: async (path) => {
    await orMissing(() => Deno.remove(path, { recursive: true }));
  },
  chown,
  chownTree,
  chmod: (path, mode) => Deno.chmod(path, mode),
  freeBytes,
};

async function orMissing<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function infoOf(info: Deno.FileInfo): FileInfo {
  return {
    isFile: info.isFile,
    isDirectory: info.isDirectory,
    mode: (info.mode ?? 0) & 0o7777,
    uid: info.uid ?? 0,
    gid: info.gid ?? 0,
    size: info.size,
    modifiedAt: info.mtime ?? new Date(0),
  };
}

async function readBytes(path: string, offset = 0, length = Infinity): Promise<Uint8Array> {
  using file = await Deno.open(path);
  const { size } = await file.stat();
  const start = offset < 0 ? Math.max(0, size + offset) : Math.min(offset, size);
  const bytes = new Uint8Array(Math.min(length, size - start));
  await file.seek(start, Deno.SeekMode.Start);
  let filled = 0;
  while (filled < bytes.length) {
    const read = await file.read(bytes.subarray(filled));
    if (read === null) break;
    filled += read;
  }
  return bytes.subarray(0, filled);
}

/** Writes to a temporary file, flushes it and renames it: a power cut leaves the old text or the new one. */
async function writeText(path: string, text: string, options: WriteOptions = {}): Promise<void> {
  const { mode = 0o600, owner } = options;
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    {
      using file = await Deno.open(temporary, { write: true, createNew: true, mode });
      await writeAll(file, new TextEncoder().encode(text));
      await file.syncData();
    }
    await Deno.chmod(temporary, mode); // the umask may have cleared bits
    if (owner) await Deno.chown(temporary, owner.uid, owner.gid);
    await Deno.rename(temporary, path);
  } catch (error) {
    await orMissing(() => Deno.remove(temporary));
    throw error;
  }
}

async function flush(path: string): Promise<void> {
  using file = await Deno.open(path);
  try {
    await file.sync();
  } catch (error) {
    // Some file systems, network file systems above all, cannot flush a folder.
    const isUnknown = error instanceof Error && "code" in error && error.code === "EINVAL";
    if (!isUnknown || !(await file.stat()).isDirectory) throw error;
  }
}

async function append(path: string, mode = 0o600): Promise<AppendFile> {
  const file = await Deno.open(path, { append: true, create: true, mode });
  return {
    write: (bytes) => writeAll(file, bytes),
    close: () => Promise.resolve(file.close()),
  };
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) written += await file.write(bytes.subarray(written));
}

async function list(path: string): Promise<readonly string[]> {
  const names = await orMissing(async () => {
    const found: string[] = [];
    for await (const entry of Deno.readDir(path)) found.push(entry.name);
    return found;
  });
  return (names ?? []).toSorted();
}

async function chown(path: string, uid: number, gid: number): Promise<void> {
  // Deno.chown follows links: an attacker who can put a link here would get its target.
  const { lchown } = await import("node:fs/promises");
  await lchown(path, uid, gid);
}

async function chownTree(path: string, uid: number, gid: number): Promise<void> {
  await chown(path, uid, gid);
  if (!(await Deno.lstat(path)).isDirectory) return;
  for await (const entry of Deno.readDir(path)) await chownTree(`${path}/${entry.name}`, uid, gid);
}

async function freeBytes(path: string): Promise<number | undefined> {
  // Deno has no statfs. Node's needs a recent libc and may be refused.
  const { statfs } = await import("node:fs/promises");
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

/**
 * Takes the lock, and makes the file if it is missing; `undefined` when another process holds it. The
 * kernel releases the lock when the process ends, however it ends.
 */
export async function systemLockFile(path: string): Promise<Disposable | undefined> {
  const file = await Deno.open(path, { create: true, write: true, mode: 0o600 });
  if (await file.tryLock(true)) return file;
  file.close();
  return undefined;
}
