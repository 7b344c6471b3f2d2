/** The base runtime that `deno compile` puts under a program. */

import { inflateRawSync } from "node:zlib";
import { step } from "../cli/steps.ts";
import { cached } from "./cache.ts";
import { download } from "./download.ts";
import { mustHash, sha256 } from "./hash.ts";
import { fileFromNpm } from "./npm_package.ts";

const VERSION = "2.7.11";
/** SHA-256 of the runtime itself, whichever way it came. */
const SHA256 = "f12d5d3886d5ea138304fb8d67d7396cfbedf53656676132152cb89f3fa4d8e6";
const OFFICIAL = `https://dl.deno.land/release/v${VERSION}/denort-x86_64-unknown-linux-gnu.zip`;

/** A published program that was compiled with the same Deno: the runtime is its first part. */
const CARRIER = { spec: "@stdy/cli-linux-x64@0.22.2", path: "bin/steady", bytes: 97_076_048 };

/** Path of the base runtime: Deno's own download, or restored from npm on a closed network. */
export async function denort(): Promise<string> {
  const folder = await cached(
    `denort-${VERSION}`,
    (folder) =>
      step(`Deno's base runtime ${VERSION}`, async () => {
        const bytes = await official() ?? await restored(folder);
        await Deno.writeFile(`${folder}/denort`, bytes, { mode: 0o755 });
      }),
  );
  return `${folder}/denort`;
}

async function official(): Promise<Uint8Array | undefined> {
  const archive = await download(OFFICIAL);
  const bytes = archive && onlyFile(archive);
  return bytes && sha256(bytes) === SHA256 ? bytes : undefined;
}

/** The first file of a ZIP archive: its local header is 30 bytes, a name and an extra field. */
function onlyFile(archive: Uint8Array): Uint8Array {
  const view = new DataView(archive.buffer, archive.byteOffset);
  const begin = 30 + view.getUint16(26, true) + view.getUint16(28, true);
  return inflateRawSync(archive.subarray(begin));
}

async function restored(folder: string): Promise<Uint8Array> {
  const carrier = await fileFromNpm(CARRIER.spec, CARRIER.path, folder);
  const bytes = carrier.subarray(0, CARRIER.bytes);
  mustHash(bytes, SHA256, "the base runtime from npm");
  return bytes;
}
