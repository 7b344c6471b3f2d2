/** Prepares Temporal's native addon: as a file for the image, and appended to the base runtime for the one-file binary. */

import { gzipSync } from "node:zlib";
import { ADDON_FILE } from "../../lib/temporal/addon.ts";
import { ROOT } from "../cli/paths.ts";
import { capture } from "../cli/run.ts";
import { cached, sha256 } from "../setup/cache.ts";
import { step } from "../cli/steps.ts";

const PLATFORM = "x86_64-unknown-linux-gnu";

export interface NativeAddon {
  /** Absolute paths of the addon, and of a base runtime with the gzipped addon appended. */
  readonly path: string;
  readonly runtime: string;
  /** The place of the gzipped addon in the runtime, and so in every binary made with it, in bytes. */
  readonly offset: number;
  readonly length: number;
  /** Hash of the addon before compression, in hex. */
  readonly sha256: string;
}

/** Prepares each version of the addon once. `denort` is the path of the base runtime. */
export async function nativeAddon(denort: string): Promise<NativeAddon> {
  const source = await addonFromNpm();
  const key = sha256(await Deno.readFile(source)).slice(0, 16);
  const folder = await cached(
    `addon-${key}`,
    (folder) => step("Temporal's native addon", () => prepare(source, denort, folder)),
  );
  const [path, runtime] = [`${folder}/${ADDON_FILE}`, `${folder}/denort`];
  const { size: offset } = await Deno.stat(denort);
  const { size: whole } = await Deno.stat(runtime);
  return {
    path,
    runtime,
    offset,
    length: whole - offset,
    sha256: sha256(await Deno.readFile(path)),
  };
}

async function prepare(source: string, denort: string, folder: string): Promise<void> {
  const path = `${folder}/${ADDON_FILE}`;
  // Symbols are a fifth of the file. Without binutils they stay.
  const stripped = await capture(["strip", "--strip-unneeded", "-o", path, source]);
  if (stripped.code !== 0) await Deno.copyFile(source, path);
  await Deno.chmod(path, 0o555);

  const runtime = `${folder}/denort`;
  await Deno.copyFile(denort, runtime);
  await Deno.writeFile(runtime, gzipSync(await Deno.readFile(path), { level: 9 }), {
    append: true,
  });
  await Deno.chmod(runtime, 0o755);
}

/** Finds the addon for this platform in the SDK's package. */
async function addonFromNpm(): Promise<string> {
  const worker = await Deno.realPath(`${ROOT}/node_modules/@temporalio/worker`);
  return `${worker}/../core-bridge/releases/${PLATFORM}/index.node`;
}
