/** Finds Temporal's native addon for the compiled binary. A run from source loads the SDK's own copy. */

import { hash as hashOf } from "node:crypto";
import * as fs from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { gunzipSync } from "node:zlib";

/**
 * Where the build put the addon: gzipped in the executable, between the runtime and the program.
 * `sha256` is that of the addon itself, in hex.
 */
export interface AddonPlace {
  readonly offset: number;
  readonly length: number;
  readonly sha256: string;
}

/** Written into the bundle by the build (tools/build/program.ts). */
declare const NATIVE_ADDON: AddonPlace;

/** Name of the addon in the image, in the executable's folder. */
export const ADDON_FILE = "core-bridge.node";
/** Folder for unpacked addons, one sub-folder per version. */
const FOLDER = "bigeye-agent-addon";

/**
 * Loads the addon. The bundle calls this where the SDK would `require` its own copy, so nothing is read
 * or unpacked before the SDK is imported. A `require` is synchronous, so this uses `node:fs` and no port.
 */
export function loadNativeAddon(): unknown {
  const module = { exports: {} };
  const executable = process.execPath;
  process.dlopen(module, addonPath(executable, NATIVE_ADDON, privateFolders()));
  return module.exports;
}

/**
 * Returns the path of a file that holds exactly the addon of this build: in the executable's folder, or
 * unpacked into the first of `folders` that is private and can be written.
 * @throws if there is no such folder
 */
export function addonPath(
  executable: string,
  place: AddonPlace,
  folders: readonly string[],
): string {
  const shipped = join(dirname(executable), ADDON_FILE);
  if (holds(shipped, place.sha256)) return shipped;

  const refusals: string[] = [];
  for (const folder of folders) {
    try {
      return unpacked(executable, place, folder);
    } catch (error) {
      refusals.push(`${folder}: ${error instanceof Error ? error.message : error}`);
    }
  }
  throw new Error(`no folder can hold the Temporal addon (${refusals.join("; ")})`);
}

function privateFolders(): string[] {
  const { XDG_RUNTIME_DIR, XDG_CACHE_HOME, HOME, TMPDIR } = process.env;
  const folders: string[] = [];
  if (XDG_RUNTIME_DIR) folders.push(join(XDG_RUNTIME_DIR, FOLDER));
  if (XDG_CACHE_HOME) folders.push(join(XDG_CACHE_HOME, FOLDER));
  if (HOME) folders.push(join(HOME, ".cache", FOLDER));
  folders.push(join(TMPDIR || "/tmp", `${FOLDER}-${process.getuid?.()}`));
  return folders;
}

function unpacked(executable: string, place: AddonPlace, folder: string): string {
  const own = join(folder, place.sha256.slice(0, 16));
  makePrivate(folder);
  makePrivate(own);

  const path = join(own, ADDON_FILE);
  if (holds(path, place.sha256)) return path;
  const partial = join(own, crypto.randomUUID());
  fs.writeFileSync(partial, embedded(executable, place), { mode: 0o500, flag: "wx" });
  fs.renameSync(partial, path);
  return path;
}

/** Another user who may write to the folder could replace the file between the check and its use. */
function makePrivate(folder: string): void {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = fs.lstatSync(folder);
  if (uid !== process.getuid?.() || (mode & 0o777) !== 0o700) throw new Error("not private");
}

function embedded(executable: string, place: AddonPlace): Uint8Array {
  const packed = new Uint8Array(place.length);
  const file = fs.openSync(executable, "r");
  try {
    fs.readSync(file, packed, 0, place.length, place.offset);
  } finally {
    fs.closeSync(file);
  }
  const bytes = gunzipSync(packed);
  if (hashOf("sha256", bytes, "hex") !== place.sha256) throw new Error("the executable is damaged");
  return bytes;
}

function holds(path: string, hash: string): boolean {
  try {
    return hashOf("sha256", fs.readFileSync(path), "hex") === hash;
  } catch {
    return false;
  }
}
