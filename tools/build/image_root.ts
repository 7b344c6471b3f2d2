/** The files of an image, laid out in a folder as they will lie below its root. */

import { dirname } from "node:path";
import { capture } from "../cli/run.ts";
import { exists } from "../setup/cache.ts";

const NOBODY = 65532;

const ACCOUNTS = {
  "etc/passwd":
    `root:x:0:0:root:/:/sbin/nologin\nbigeye:x:${NOBODY}:${NOBODY}:bigeye:/tmp:/sbin/nologin\n`,
  "etc/group": `root:x:0:\nbigeye:x:${NOBODY}:\n`,
  "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
};

/** Who the programs run as, unless the container says otherwise. */
export const IMAGE_USER: string = `${NOBODY}:${NOBODY}`;

/** Files to place, by path in the image (no leading slash) → path on this machine. */
export type Placed = Readonly<Record<string, string>>;

/** Places files, executable by everybody and writable by nobody. */
export async function place(root: string, files: Placed): Promise<void> {
  for (const [target, source] of Object.entries(files)) {
    const path = `${root}/${target}`;
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.copyFile(source, path);
    await Deno.chmod(path, 0o555);
  }
}

/** Adds what an image from scratch lacks: the programs' libraries, accounts and a /tmp. */
export async function placeSystem(root: string, programs: readonly string[]): Promise<void> {
  const libraries = await libraryClosure(programs);
  await place(root, Object.fromEntries(libraries.map((path) => [path.slice(1), path])));
  for (const [target, text] of Object.entries(ACCOUNTS)) {
    await Deno.mkdir(dirname(`${root}/${target}`), { recursive: true });
    await Deno.writeTextFile(`${root}/${target}`, text, { mode: 0o444 });
  }
  await Deno.mkdir(`${root}/tmp`);
  await Deno.chmod(`${root}/tmp`, 0o1777);
}

/** glibc loads these by name at run time, for host names; `ldd` does not show them. */
const NAME_SERVICES = ["libnss_dns.so.2", "libnss_files.so.2", "libresolv.so.2"];

/** Absolute paths of every library that these programs and addons load, sorted. */
export async function libraryClosure(files: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const file of files) {
    for (const library of await librariesOf(file)) found.add(library);
  }
  const libc = [...found].find((path) => path.endsWith("/libc.so.6"));
  for (const name of libc === undefined ? [] : NAME_SERVICES) {
    const path = libc!.replace("libc.so.6", name);
    if (await exists(path)) found.add(path);
  }
  return [...found].toSorted();
}

async function librariesOf(file: string): Promise<string[]> {
  const { code, stdout, stderr } = await capture(["ldd", file]);
  if (code === 0) return parseLdd(stdout);
  // A static program, as Go makes one where there is no C compiler.
  if (stderr.includes("not a dynamic executable")) return [];
  throw new Error(`Cannot find the libraries of "${file}" (ldd ended with ${code})\n${stderr}`);
}

/** The paths in an answer of `ldd`; throws when a library is not found. */
export function parseLdd(answer: string): string[] {
  const paths: string[] = [];
  for (const line of answer.split("\n").map((line) => line.trim())) {
    if (line.includes("not found")) throw new Error(`Cannot find a library: ${line}`);
    const [, path] = /^(?:\S+ => )?(\/\S+) \(0x/.exec(line) ?? [];
    if (path !== undefined) paths.push(path);
  }
  return paths;
}
