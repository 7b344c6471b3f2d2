/** Where the compiled binary finds its native addon. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { gzipSync } from "node:zlib";
import { ADDON_FILE, addonPath, type AddonPlace } from "../../../lib/temporal/addon.ts";

const ADDON = new TextEncoder().encode("the addon");
const RUNTIME = new TextEncoder().encode("runtime");
const packed = gzipSync(ADDON);
const PLACE: AddonPlace = {
  offset: RUNTIME.length,
  length: packed.length,
  sha256: createHash("sha256").update(ADDON).digest("hex"),
};

interface Machine {
  readonly folder: string;
  readonly executable: string;
  readonly cache: string;
}

/** A folder with an executable that holds the addon, and a path for a cache. */
async function withMachine(test: (machine: Machine) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const executable = `${folder}/bigeye-agent`;
  try {
    await Deno.writeFile(executable, new Uint8Array([...RUNTIME, ...packed, 1, 2, 3]));
    await test({ folder, executable, cache: `${folder}/cache` });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("the addon is unpacked into a private folder, for its owner only", () =>
  withMachine(async ({ executable, cache }) => {
    const path = addonPath(executable, PLACE, [cache]);
    assert.deepEqual(await Deno.readFile(path), ADDON);
    const modes = [(await Deno.stat(path)).mode, (await Deno.stat(dirname(path))).mode];
    assert.deepEqual(modes.map((mode) => (mode ?? 0) & 0o777), [0o500, 0o700]);
  }));

Deno.test("the file next to the executable is used when its hash is right", () =>
  withMachine(async ({ folder, executable, cache }) => {
    await Deno.writeFile(`${folder}/${ADDON_FILE}`, ADDON);
    assert.equal(addonPath(executable, PLACE, [cache]), `${folder}/${ADDON_FILE}`);
  }));

Deno.test("a file next to the executable with another hash is never loaded", () =>
  // An attacker who may write to the download's folder, but not to the binary, puts a library there.
  withMachine(async ({ folder, executable, cache }) => {
    await Deno.writeTextFile(`${folder}/${ADDON_FILE}`, "hostile");
    const path = addonPath(executable, PLACE, [cache]);
    assert.deepEqual([path.startsWith(cache), await Deno.readFile(path)], [true, ADDON]);
  }));

Deno.test("an unpacked file with another hash is replaced", () =>
  // An earlier run of the same user was cut off, or the file was changed.
  withMachine(async ({ executable, cache }) => {
    const path = addonPath(executable, PLACE, [cache]);
    await Deno.chmod(path, 0o700);
    await Deno.writeTextFile(path, "changed");
    assert.deepEqual(await Deno.readFile(addonPath(executable, PLACE, [cache])), ADDON);
  }));

Deno.test("a folder that other users may write to is skipped", () =>
  // An attacker on a shared machine makes the folder first, to replace the file after the check.
  withMachine(async ({ folder, executable, cache }) => {
    await Deno.mkdir(cache);
    await Deno.chmod(cache, 0o777);
    const path = addonPath(executable, PLACE, [cache, `${folder}/second`]);
    assert.equal(path.startsWith(`${folder}/second/`), true);
  }));

Deno.test("a link in place of the folder is skipped", () =>
  // An attacker knows the folder's name in advance, and links it to another folder.
  withMachine(async ({ folder, executable, cache }) => {
    const elsewhere = `${folder}/elsewhere`;
    await Deno.mkdir(cache, { mode: 0o700 });
    await Deno.mkdir(elsewhere, { mode: 0o700 });
    await Deno.symlink(elsewhere, `${cache}/${PLACE.sha256.slice(0, 16)}`);
    const path = addonPath(executable, PLACE, [cache, `${folder}/second`]);
    assert.equal(path.startsWith(`${folder}/second/`), true);
  }));

Deno.test("an executable with a damaged addon is refused", () =>
  withMachine(({ executable, cache }) => {
    const other = { ...PLACE, sha256: "0".repeat(64) };
    assert.throws(() => addonPath(executable, other, [cache]), /the executable is damaged/);
    return Promise.resolve();
  }));
