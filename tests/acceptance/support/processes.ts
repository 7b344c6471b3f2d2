/** Processes of this machine, as the kernel has them. */

/** Where to look: a program's arguments, or the environment that it was started with. */
export type Place = "cmdline" | "environ";

/** `pid arguments` of each process that has `text` in its arguments or environment; a zombie has neither. */
export async function processesWith(text: string, place: Place): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name) || Number(name) === Deno.pid) continue;
    if (!(await read(`/proc/${name}/${place}`)).includes(text)) continue;
    found.push(`${name} ${(await read(`/proc/${name}/cmdline`)).replaceAll("\0", " ")}`);
  }
  return found;
}

/** Empty when the process has ended, or is somebody else's. */
async function read(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch {
    return "";
  }
}
