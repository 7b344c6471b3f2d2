/** How large a download is: the size of a file compressed by what the machine has. */

import { Refusal } from "../cli/refusal.ts";
import { capture } from "../cli/run.ts";

const COMPRESSORS = {
  xz: ["xz", "-6", "-T0", "--stdout"],
  zstd: ["zstd", "-19", "-T0", "--quiet", "--stdout"],
} as const;

export interface Compressed {
  readonly by: keyof typeof COMPRESSORS;
  readonly bytes: number;
}

/**
 * Compresses with xz when it is there, else with zstd; takes up to a minute.
 * @throws {Refusal} when neither is installed.
 */
export async function compressedSize(path: string): Promise<Compressed> {
  for (const by of ["xz", "zstd"] as const) {
    if ((await capture([by, "--version"])).code !== 0) continue;
    return { by, bytes: await outputSize([...COMPRESSORS[by], path]) };
  }
  throw new Refusal(
    'Cannot measure the compressed size without "xz" or "zstd"',
    "Install one of them with your package manager (Debian, Ubuntu: sudo apt-get install xz-utils)",
  );
}

/** Counts what a program writes, without a shell whose pipe would hide that it failed. */
async function outputSize([program, ...args]: readonly [string, ...string[]]): Promise<number> {
  const child = new Deno.Command(program, { args, stdin: "null", stdout: "piped" }).spawn();
  let bytes = 0;
  for await (const chunk of child.stdout) bytes += chunk.length;
  const { code } = await child.status;
  if (code !== 0 || bytes === 0) {
    throw new Error(`Cannot compress with "${program}": exit ${code}, ${bytes} bytes`);
  }
  return bytes;
}
