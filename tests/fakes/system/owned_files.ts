/** A file system in memory with modes and owners. `before` can make any change fail. */

import type { FileInfo, Files } from "../../../lib/ports.ts";
import { decodedText } from "../../../lib/system/text_file.ts";

interface Entry {
  kind: "file" | "folder";
  bytes: Uint8Array;
  mode: number;
  uid: number;
  gid: number;
}

export interface OwnedFiles extends Files {
  /** Returns `mode uid:gid` and text of all files and folders, by path. Folders have a final slash. */
  snapshot(): Readonly<Record<string, { readonly owned: string; readonly text?: string }>>;
}

export interface OwnedFilesOptions {
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** Called before each change. An error that it throws fails the change. */
  readonly before?: (operation: string, path: string) => void;
}

const EPOCH = new Date(0);

export function ownedFiles(
  contents: Readonly<Record<string, string | Uint8Array>>,
  { owner = { uid: 1000, gid: 1000 }, before = () => {} }: OwnedFilesOptions = {},
): OwnedFiles {
  const entries = new Map<string, Entry>();
  const put = (path: string, bytes: Uint8Array, { mode, ...by }: Omit<Entry, "kind" | "bytes">) =>
    void entries.set(path, { kind: "file", bytes, mode, ...by });
  for (const [path, content] of Object.entries(contents)) {
    const bytes = typeof content === "string" ? encode(content) : content;
    put(path, bytes, { mode: 0o644, ...owner });
  }
  const below = (path: string) => [...entries.keys()].filter((key) => key.startsWith(`${path}/`));
  const folder = (mode: number): Entry => ({
    kind: "folder",
    bytes: new Uint8Array(),
    mode,
    ...owner,
  });
  const find = (path: string) =>
    entries.get(path) ?? (below(path).length > 0 ? folder(0o755) : undefined);
  const mustFind = (path: string): Entry => {
    const entry = entries.get(path);
    if (!entry) throw new Deno.errors.NotFound(path);
    return entry;
  };
  const change = <T>(operation: string, path: string, work: () => T): Promise<T> =>
    Promise.try(() => {
      before(operation, path);
      return work();
    });
  const read = <T>(work: () => T): Promise<T> => Promise.try(work);

  return {
    stat: (path) => read(() => infoOf(find(path))),
    isLink: () => read(() => false),
    readText: (path) =>
      read(() => {
        const entry = entries.get(path);
        return entry?.kind === "file" ? decodedText(entry.bytes, path) : undefined;
      }),
    readBytes: (path, offset = 0, length = Infinity) =>
      read(() => {
        const bytes = entries.get(path)?.bytes;
        if (!bytes) return undefined;
        const start = offset < 0 ? Math.max(0, bytes.length + offset) : offset;
        return bytes.slice(start, start + length);
      }),
    list: (path) =>
      read(() => {
        const names = below(path).map((key) => key.slice(path.length + 1).split("/")[0] ?? "");
        return [...new Set(names)].toSorted();
      }),
    freeBytes: () => read(() => undefined),
    writeText: (path, text, { mode = 0o600, owner: by = owner } = {}) =>
      change("write", path, () => put(path, encode(text), { mode, ...by })),
    append: () => Promise.reject(new Error("no command appends")),
    truncate: () => Promise.reject(new Error("no command truncates")),
    flush: () => Promise.reject(new Error("no command flushes")),
    rename: (path, to) =>
      change("rename", path, () => {
        entries.set(to, mustFind(path));
        entries.delete(path);
      }),
    makeDir: (path, mode = 0o700) =>
      find(path)
        ? Promise.resolve()
        : change("makeDir", path, () => void entries.set(path, folder(mode))),
    remove: (path) =>
      change("remove", path, () => [path, ...below(path)].forEach((key) => entries.delete(key))),
    chown: (path, uid, gid) =>
      change("chown", path, () => void Object.assign(mustFind(path), { uid, gid })),
    chownTree: (path, uid, gid) =>
      change("chownTree", path, () => {
        for (const key of [path, ...below(path)]) Object.assign(mustFind(key), { uid, gid });
      }),
    chmod: (path, mode) => change("chmod", path, () => void (mustFind(path).mode = mode)),
    snapshot: () =>
      Object.fromEntries(
        [...entries].toSorted(([a], [b]) => a < b ? -1 : 1).map(([path, entry]) => {
          const owned = `${entry.mode.toString(8)} ${entry.uid}:${entry.gid}`;
          return entry.kind === "folder"
            ? [`${path}/`, { owned }]
            : [path, { owned, text: decode(entry.bytes) }];
        }),
      ),
  };
}

function infoOf(entry: Entry | undefined): FileInfo | undefined {
  if (!entry) return undefined;
  const { kind, mode, uid, gid, bytes } = entry;
  const isFile = kind === "file";
  const size = bytes.length;
  return { isFile, isDirectory: !isFile, mode, uid, gid, size, modifiedAt: EPOCH };
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string =>
  new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
