/** The cache that all clones and runs share, and checked downloads into it. */

import { createHash } from "node:crypto";
import { cacheFolder } from "../cli/paths.ts";

/**
 * Returns `<cache>/<name>`. If it does not exist, calls `make` with a folder to fill and renames that folder.
 * Runs that need the same name wait for each other. A killed run leaves no half-filled entry.
 */
export async function cached(
  name: string,
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const place = `${cacheFolder()}/${name}`;
  if (await exists(place)) return place;
  return await locked(name, async () => {
    if (await exists(place)) return place;
    const partial = `${place}.partial`;
    await removeFolder(partial);
    await Deno.mkdir(partial, { recursive: true });
    await make(partial);
    await Deno.rename(partial, place);
    return place;
  });
}

/** Does `work` while no other process holds the lock of that name. */
export async function locked<T>(name: string, work: () => Promise<T>): Promise<T> {
  await Deno.mkdir(cacheFolder(), { recursive: true });
  using file = await Deno.open(`${cacheFolder()}/${name}.lock`, { create: true, write: true });
  await file.lock(true);
  return await work();
}

export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Removes a folder with all below it; a missing one is fine. */
export async function removeFolder(path: string): Promise<void> {
  if (await exists(path)) await Deno.remove(path, { recursive: true });
}

/** Time limit of an answer, after which another source is used. */
const ANSWER_MS = 10_000;
const WHOLE_MS = 300_000;

/** Downloads `url`; `undefined` if it cannot be reached. A closed network refuses at once. */
export async function download(url: string): Promise<Uint8Array | undefined> {
  const tooLong = new AbortController();
  let timer = setTimeout(() => tooLong.abort(), ANSWER_MS);
  try {
    const answer = await fetch(url, { signal: tooLong.signal });
    clearTimeout(timer);
    timer = setTimeout(() => tooLong.abort(), WHOLE_MS);
    if (answer.ok) return await answer.bytes();
    await answer.body?.cancel();
    return undefined;
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** @throws when the SHA-256 of `bytes` is not `expected`; `what` names them in the error. */
export function mustHash(bytes: Uint8Array, expected: string, what: string): void {
  const found = sha256(bytes);
  if (found !== expected) {
    throw new Error(`Cannot trust ${what}: its SHA-256 is ${found} and not ${expected}`);
  }
}
