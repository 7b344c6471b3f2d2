/** What the build made, and how large it is: the binary is a download, so every megabyte counts. */

import { DIST } from "../paths.ts";
import { run } from "../run.ts";
import { exists } from "../setup/cache.ts";
import { print } from "../steps.ts";
import type { Images } from "./images.ts";

const PROGRAMS = ["bigeye-agent", "bigeye-control-plane"];

/** Prints a line for each binary and image; compressing takes a minute, so only when asked. */
export async function printSizes(images: Images, compressed: boolean): Promise<void> {
  for (const name of PROGRAMS) {
    const path = `${DIST}/${name}`;
    const { size } = await Deno.stat(path);
    const packed = compressed ? `, ${megabytes(await compressedSize(path))} compressed` : "";
    print(`dist/${name}: ${megabytes(size)}${packed}`);
  }
  for (const tag of [images.orchestrator, images.agent]) {
    const size = await run(["docker", "image", "inspect", "--format", "{{.Size}}", tag]);
    print(`${tag}: ${megabytes(Number(size))}`);
  }
}

/** With xz when it is there, else with zstd. */
async function compressedSize(path: string): Promise<number> {
  const pack = await exists("/usr/bin/xz") ? "xz -6 -T0" : "zstd -19 -T0 -q";
  return Number(await run(["sh", "-c", `${pack} -c "$0" | wc -c`, path]));
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
