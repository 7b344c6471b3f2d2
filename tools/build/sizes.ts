/** Prints the sizes of binaries and images. */

import { DIST } from "../cli/paths.ts";
import { Refusal } from "../cli/refusal.ts";
import { capture, run } from "../cli/run.ts";
import { print } from "../cli/steps.ts";
import type { Images } from "./images.ts";

const PROGRAMS = ["bigeye-agent", "bigeye-control-plane"];

/** Prints a line for each binary and image. `compressed` adds compressed sizes, which takes a minute. */
export async function printSizes(images: Images, compressed: boolean): Promise<void> {
  for (const name of PROGRAMS) {
    const path = `${DIST}/${name}`;
    const { size } = await Deno.stat(path);
    const packed = compressed ? await compressedPart(path) : "";
    print(`dist/${name}: ${megabytes(size)}${packed}`);
  }
  for (const tag of [images.orchestrator, images.plane, images.agent]) {
    const size = await run(["docker", "image", "inspect", "--format", "{{.Size}}", tag]);
    print(`${tag}: ${megabytes(Number(size))}`);
  }
}

async function compressedPart(path: string): Promise<string> {
  const { by, bytes } = await compressedSize(path);
  return `, ${megabytes(bytes)} by ${by}`;
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

const COMPRESSORS = {
  xz: ["xz", "-6", "-T0", "--stdout"],
  zstd: ["zstd", "-19", "-T0", "--quiet", "--stdout"],
} as const;

export interface Compressed {
  readonly by: keyof typeof COMPRESSORS;
  readonly bytes: number;
}

/**
 * Measures the size of a file compressed with xz, else with zstd. Takes up to a minute.
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

/** Counts the output of a program. A pipe in a shell would hide that the program failed. */
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
