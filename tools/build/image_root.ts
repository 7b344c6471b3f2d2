/** Lays out the files of an image in a folder, with the shared libraries that they need. */

import { dirname } from "node:path";
import { capture } from "../cli/run.ts";
import { exists } from "../setup/cache.ts";

const USER_ID = 65532;

const ACCOUNTS = {
  "etc/passwd":
    `root:x:0:0:root:/:/sbin/nologin\nbigeye:x:${USER_ID}:${USER_ID}:bigeye:/tmp:/sbin/nologin\n`,
  "etc/group": `root:x:0:\nbigeye:x:${USER_ID}:\n`,
  "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
};

/** The default user and group of the programs. */
export const IMAGE_USER: string = `${USER_ID}:${USER_ID}`;

/** Files by their path in the image, without leading slash; the value is the path on this machine. */
export type Placed = Readonly<Record<string, string>>;

/** Copies files with mode 0555. */
export async function place(root: string, files: Placed): Promise<void> {
  for (const [target, source] of Object.entries(files)) {
    const path = `${root}/${target}`;
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.copyFile(source, path);
    await Deno.chmod(path, 0o555);
  }
}

/** Adds libraries, accounts and /tmp, which an image from scratch lacks. */
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

/** glibc loads these at run time to resolve host names, so that `ldd` does not list them. */
const NAME_SERVICES = ["libnss_dns.so.2", "libnss_files.so.2", "libresolv.so.2"];

/** Returns the sorted absolute paths of all libraries that these programs and addons load. */
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
  // Go builds a static program where there is no C compiler.
  if (stderr.includes("not a dynamic executable")) return [];
  throw new Error(`Cannot find the libraries of "${file}" (ldd ended with ${code})\n${stderr}`);
}

/** Parses the output of `ldd` into paths. @throws when a library is missing. */
export function parseLdd(output: string): string[] {
  const paths: string[] = [];
  for (const line of output.split("\n").map((line) => line.trim())) {
    if (line.includes("not found")) throw new Error(`Cannot find a library: ${line}`);
    const [, path] = /^(?:\S+ => )?(\/\S+) \(0x/.exec(line) ?? [];
    if (path !== undefined) paths.push(path);
  }
  return paths;
}
