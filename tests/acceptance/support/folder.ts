/** Takes a snapshot of a folder, to compare it with another. */

/** Returns every entry below `folder` with its mode, and for a file a hash of its bytes. */
export async function snapshot(folder: string, prefix = ""): Promise<Record<string, string>> {
  const entries: Record<string, string> = {};
  for await (const { name, isDirectory } of Deno.readDir(`${folder}/${prefix}`)) {
    const path = `${prefix}${name}`;
    const { mode } = await Deno.lstat(`${folder}/${path}`);
    const bits = ((mode ?? 0) & 0o7777).toString(8);
    if (isDirectory) Object.assign(entries, await snapshot(folder, `${path}/`));
    entries[path] = isDirectory ? bits : `${bits} ${await hashOf(`${folder}/${path}`)}`;
  }
  return entries;
}

async function hashOf(path: string): Promise<string> {
  const bytes = await Deno.readFile(path);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
