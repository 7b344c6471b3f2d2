/** The script `dev` where it cannot begin: it says why and what to do, and ends with 2 or 3 as the programs do. */

import assert from "node:assert/strict";
import { inFolder } from "../fakes/temporary_folder.ts";
import { ROOT } from "../../tools/paths.ts";

/** What the script may use of a machine without npm, apt-get and Deno. */
const PROGRAMS = ["cat", "dirname", "head", "mkdir", "rm", "flock", "getconf", "uname"];

/** Runs a copy of `dev` where only these programs are; `scripts` stand in for some of them. */
async function dev(
  folder: string,
  scripts: Readonly<Record<string, string>> = {},
  verb = "test",
): Promise<{ readonly code: number; readonly stderr: string }> {
  const bin = `${folder}/bin`;
  await Deno.mkdir(bin);
  const found = await new Deno.Command("which", { args: PROGRAMS }).output();
  for (const path of new TextDecoder().decode(found.stdout).trim().split("\n")) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (!(name in scripts)) await Deno.symlink(path, `${bin}/${name}`);
  }
  for (const [name, script] of Object.entries(scripts)) {
    await Deno.writeTextFile(`${bin}/${name}`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  await Deno.copyFile(`${ROOT}/dev`, `${folder}/dev`);
  const { code, stderr } = await new Deno.Command("/bin/bash", {
    args: [`${folder}/dev`, verb],
    clearEnv: true,
    env: { PATH: bin, HOME: folder },
    stdin: "null",
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

Deno.test("./dev without Deno and npm says how to get either", () =>
  inFolder(async (folder) => {
    const { code, stderr } = await dev(folder);
    assert.deepEqual({ code, lines: stderr.trimEnd().split("\n").slice(1) }, {
      code: 3,
      lines: [
        'Cannot fetch Deno without the command "npm"',
        "  Install npm with your package manager (Debian, Ubuntu: sudo apt-get install npm), " +
        "or put Deno 2.7.11 on PATH; then try again",
      ],
    });
  }));

Deno.test("./dev on another system names what it supports", () =>
  inFolder(async (folder) => {
    assert.deepEqual(await dev(folder, { uname: "echo Darwin arm64" }), {
      code: 3,
      stderr: "Cannot build on Darwin arm64: only Linux on x86_64 with glibc is supported\n" +
        "  Use such a machine, for example Debian 12 or Ubuntu 24.04\n",
    });
  }));

Deno.test("./dev with a mistyped verb names it, and lists those that there are", () =>
  inFolder(async (folder) => {
    const { code, stderr } = await dev(folder, {}, "tset");
    assert.deepEqual({ code, lines: stderr.split("\n").slice(0, 3) }, {
      code: 2,
      lines: ['Cannot find the verb "tset"', "", "usage: ./dev <verb> [options]"],
    });
  }));
