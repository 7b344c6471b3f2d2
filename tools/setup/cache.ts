/** The folder that every clone and every concurrent run shares: made once, never half. */

import { cacheFolder } from "../cli/paths.ts";

/**
 * Answers `<cache>/<name>`, calling `make` with a folder to fill when it is not there yet. Runs
 * that want the same name wait for each other; a run that is killed leaves nothing in the place.
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
