/** The shared libraries that a program needs in an image which has none. */

import { exists } from "../setup/cache.ts";
import { capture } from "../cli/run.ts";

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
