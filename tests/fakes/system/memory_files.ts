/** A file system in memory. A folder exists if it was created or contains something. */

import type { Files } from "../../../lib/ports.ts";
import { decodedText } from "../../../lib/system/text_file.ts";

export interface MemoryFiles extends Files {
  /** Returns all files as text. */
  readonly texts: () => Readonly<Record<string, string>>;
  /** Creates a symbolic link. */
  link(path: string, target: string): void;
}

export function memoryFiles(
  contents: Readonly<Record<string, string | Uint8Array>> = {},
): MemoryFiles {
  const encoder = new TextEncoder();
  const held = new Map(
    Object.entries(contents).map(([path, content]) => [
      path,
      typeof content === "string" ? encoder.encode(content) : content,
    ]),
  );
  const folders = new Set<string>();
  const links = new Map<string, string>();
  const bytesAt = (path: string) => held.get(links.get(path) ?? path);
  const isFolder = (path: string) =>
    folders.has(path) || [...held.keys()].some((other) => other.startsWith(`${path}/`));
  const textAt = (path: string) => {
    const bytes = bytesAt(path);
    return bytes && decodedText(bytes, path);
  };
  const parentOf = (path: string) => path.slice(0, path.lastIndexOf("/"));
  const refuseOrphan = (path: string) => {
    if (!isFolder(parentOf(path))) throw new Error(`no such folder: ${parentOf(path)}`);
  };

  return {
    texts: () => Object.fromEntries([...held.keys()].map((path) => [path, textAt(path) ?? ""])),
    link: (path, target) => void links.set(path, target),
    stat: (path) => {
      const bytes = bytesAt(path);
      if (!bytes && !isFolder(path)) return Promise.resolve(undefined);
      return Promise.resolve({
        isFile: bytes !== undefined,
        isDirectory: bytes === undefined,
        mode: 0o600,
        uid: 1000,
        gid: 1000,
        size: bytes?.length ?? 0,
        modifiedAt: new Date(0),
      });
    },
    isLink: (path) => Promise.resolve(links.has(path)),
    readText: (path) => Promise.try(() => textAt(path)),
    readBytes: (path, offset = 0, length = Infinity) => {
      const bytes = bytesAt(path);
      const start = offset < 0 ? Math.max(0, (bytes?.length ?? 0) + offset) : offset;
      return Promise.resolve(bytes?.slice(start, start + length));
    },
    // deno-lint-ignore require-await -- so that a refusal rejects
    writeText: async (path, text) => {
      refuseOrphan(path);
      held.set(path, encoder.encode(text));
    },
    // deno-lint-ignore require-await -- so that a refusal rejects
    append: async (path) => {
      refuseOrphan(path);
      if (!held.has(path)) held.set(path, new Uint8Array());
      return {
        write: (bytes) => {
          const before = held.get(path) ?? new Uint8Array();
          held.set(path, new Uint8Array([...before, ...bytes]));
          return Promise.resolve();
        },
        close: () => Promise.resolve(),
      };
    },
    truncate: (path, length) => {
      held.set(path, (held.get(path) ?? new Uint8Array()).slice(0, length));
      return Promise.resolve();
    },
    flush: () => Promise.resolve(),
    rename: (path, to) => {
      held.set(to, held.get(path) ?? new Uint8Array());
      held.delete(path);
      return Promise.resolve();
    },
    makeDir: (path) => {
      for (let folder = path; folder !== ""; folder = parentOf(folder)) folders.add(folder);
      return Promise.resolve();
    },
    list: (path) => {
      const below = [...held.keys(), ...folders, ...links.keys()]
        .filter((other) => other.startsWith(`${path}/`))
        .map((other) => other.slice(path.length + 1).split("/")[0] ?? "");
      return Promise.resolve([...new Set(below)].toSorted());
    },
    remove: (path) => {
      for (const other of [...held.keys(), ...folders]) {
        if (other === path || other.startsWith(`${path}/`)) {
          held.delete(other);
          folders.delete(other);
        }
      }
      return Promise.resolve();
    },
    chown: () => Promise.resolve(),
    chownTree: () => Promise.resolve(),
    chmod: () => Promise.resolve(),
    freeBytes: () => Promise.resolve(undefined),
  };
}
