/** Finds processes of this machine in /proc. */

/** Where to search: the arguments of a program, or the environment that it was started with. */
export type Place = "cmdline" | "environ";

/** Returns `pid arguments` of each process with `text` in that place. Zombies are not found. */
export async function processesWith(text: string, place: Place): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name) || Number(name) === Deno.pid) continue;
    if (!(await read(`/proc/${name}/${place}`)).includes(text)) continue;
    found.push(`${name} ${(await read(`/proc/${name}/cmdline`)).replaceAll("\0", " ")}`);
  }
  return found;
}

/** Returns an empty text if the process has ended or belongs to another user. */
async function read(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch {
    return "";
  }
}
