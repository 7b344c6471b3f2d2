/** Fetches Deno programs: the base runtime of `deno compile`, and the newest Deno for the unit tests. */

import { inflateRawSync } from "node:zlib";
import { run } from "../cli/run.ts";
import { step } from "../cli/steps.ts";
import { cached, download, mustHash, removeFolder, sha256 } from "./cache.ts";

const PINNED = "2.7.11";
/** SHA-256 of the runtime, from either source. */
const DENORT_SHA256 = "f12d5d3886d5ea138304fb8d67d7396cfbedf53656676132152cb89f3fa4d8e6";
const OFFICIAL = `https://dl.deno.land/release/v${PINNED}/denort-x86_64-unknown-linux-gnu.zip`;

/** A published program that was compiled with the same Deno. Its first part is the runtime. */
const CARRIER = { spec: "@stdy/cli-linux-x64@0.22.2", path: "bin/steady", bytes: 97_076_048 };

/** Returns the path of the base runtime, from Deno's download site or, on a closed network, from npm. */
export async function denort(): Promise<string> {
  const folder = await cached(
    `denort-${PINNED}`,
    (folder) =>
      step(`Deno's base runtime ${PINNED}`, async () => {
        const bytes = await official() ?? await restored(folder);
        await Deno.writeFile(`${folder}/denort`, bytes, { mode: 0o755 });
      }),
  );
  return `${folder}/denort`;
}

async function official(): Promise<Uint8Array | undefined> {
  const archive = await download(OFFICIAL);
  const bytes = archive && onlyFile(archive);
  return bytes && sha256(bytes) === DENORT_SHA256 ? bytes : undefined;
}

/** Unpacks the first file of a ZIP archive. Its local header has 30 bytes, a name and an extra field. */
function onlyFile(archive: Uint8Array): Uint8Array {
  const view = new DataView(archive.buffer, archive.byteOffset);
  const begin = 30 + view.getUint16(26, true) + view.getUint16(28, true);
  return inflateRawSync(archive.subarray(begin));
}

async function restored(folder: string): Promise<Uint8Array> {
  const carrier = await fileFromNpm(CARRIER.spec, CARRIER.path, folder);
  const bytes = carrier.subarray(0, CARRIER.bytes);
  mustHash(bytes, DENORT_SHA256, "the base runtime from npm");
  return bytes;
}

const NEWEST = "2.9.6";
const NEWEST_SHA256 = "bceb5b6a6239b0b010418406d8c77a508f67cf4337d94288f1c19fe71304aab0";

/** Returns the path of the newest Deno. */
export async function newestDeno(): Promise<string> {
  const folder = await cached(
    `deno-${NEWEST}`,
    (folder) =>
      step(`Deno ${NEWEST} from npm`, async () => {
        const bytes = await fileFromNpm(`@deno/linux-x64-glibc@${NEWEST}`, "deno", folder);
        mustHash(bytes, NEWEST_SHA256, `Deno ${NEWEST}`);
        await Deno.writeFile(`${folder}/deno`, bytes, { mode: 0o755 });
      }),
  );
  return `${folder}/deno`;
}

/** Fetches a package `name@version` with npm, which knows its registry, and returns the bytes of one file. */
async function fileFromNpm(
  spec: string,
  path: string,
  folder: string,
): Promise<Uint8Array> {
  const scratch = `${folder}/npm`;
  await Deno.mkdir(scratch);
  const packed = await run(["npm", "pack", "--silent", spec], {
    cwd: scratch,
    env: { npm_config_cache: `${scratch}/cache` },
  });
  await run(["tar", "-xzf", packed.trim(), `package/${path}`], { cwd: scratch });
  const bytes = await Deno.readFile(`${scratch}/package/${path}`);
  await removeFolder(scratch);
  return bytes;
}
