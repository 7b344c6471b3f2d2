/** What the build made, and how large it is: the binary is a download, so every megabyte counts. */

import { DIST } from "../cli/paths.ts";
import { run } from "../cli/run.ts";
import { print } from "../cli/steps.ts";
import { compressedSize } from "./compressed_size.ts";
import type { Images } from "./images.ts";

const PROGRAMS = ["bigeye-agent", "bigeye-control-plane"];

/** Prints a line for each binary and image; compressing takes a minute, so only when asked. */
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
