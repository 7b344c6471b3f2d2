/** Tests the script `dev` where it cannot start: the message, the hint and the exit code (2 or 3). */

import assert from "node:assert/strict";
import { inFolder } from "../fakes/system/temporary_folder.ts";
import { ROOT } from "../../tools/cli/paths.ts";
import { writeProgram } from "../fakes/system/program.ts";

/** The programs that the script finds on a machine without npm, apt-get and Deno. */
const PROGRAMS = ["cat", "dirname", "head", "mkdir", "rm", "flock", "getconf", "uname"];
/** The programs to unpack a package from npm. Linux also has "sha256sum", macOS has "shasum". */
const UNPACKERS = ["chmod", "cut", "gzip", "mktemp", "mv", "tar"];

/** Runs a copy of `dev` with only these programs on PATH; `scripts` replace some of them. */
async function dev(
  folder: string,
  scripts: Readonly<Record<string, string>> = {},
  args: readonly string[] = ["test"],
  programs = PROGRAMS,
): Promise<{ readonly code: number; readonly stderr: string }> {
  const bin = `${folder}/bin`;
  await Deno.mkdir(bin);
  const found = await new Deno.Command("which", { args: programs }).output();
  for (const path of new TextDecoder().decode(found.stdout).trim().split("\n")) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (!(name in scripts)) await Deno.symlink(path, `${bin}/${name}`);
  }
  for (const [name, script] of Object.entries(scripts)) {
    await writeProgram(`${bin}/${name}`, script);
  }
  await Deno.copyFile(`${ROOT}/dev`, `${folder}/dev`);
  await Deno.symlink(`${ROOT}/tools`, `${folder}/tools`);
  const { code, stderr } = await new Deno.Command("/bin/bash", {
    args: [`${folder}/dev`, ...args],
    clearEnv: true,
    env: { PATH: bin, HOME: folder },
    stdin: "null",
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

/** Replaces the programs that identify the system, so that it is a Linux with glibc. */
const LINUX = { uname: "echo Linux x86_64", getconf: "exit 0" };

Deno.test("./dev without Deno and npm says how to install one of them", () =>
  inFolder(async (folder) => {
    const { code, stderr } = await dev(folder, LINUX);
    assert.deepEqual({ code, lines: stderr.trimEnd().split("\n").slice(1) }, {
      code: 3,
      lines: [
        'Cannot fetch Deno without the command "npm"',
        "  Install npm with your package manager (Debian, Ubuntu: sudo apt-get install npm), " +
        "or put Deno 2.7.11 on PATH; then try again",
      ],
    });
  }));

Deno.test("./dev on an unsupported system names the supported ones", () =>
  inFolder(async (folder) => {
    assert.deepEqual(await dev(folder, { uname: "echo FreeBSD amd64" }, ["check"]), {
      code: 3,
      stderr: "Cannot run on FreeBSD amd64: only Linux with glibc and macOS are supported\n" +
        "  Use such a machine, for example Debian 12 or Ubuntu 24.04\n",
    });
  }));

Deno.test("./dev on macOS refuses verbs that run the product, and lists those that work", () =>
  inFolder(async (folder) => {
    assert.deepEqual(await dev(folder, { uname: "echo Darwin arm64" }, ["test", "db"]), {
      code: 3,
      stderr: 'Cannot run "./dev test db" on Darwin arm64: it needs Linux on x86_64\n' +
        "  Use such a machine, for example Debian 12 or Ubuntu 24.04; " +
        'here only check, fmt, watch, docs, "test unit" and clean work\n',
    });
  }));

/** An npm that packs this text as Deno, and records which package was requested. */
const npmWith = (folder: string, deno: string) =>
  `echo "$@" >>${folder}/asked; mkdir package; echo '${deno}' >package/deno; tar -czf deno.tgz package`;

// The attacker can replace a published package in the registry or in the configured mirror.
Deno.test("./dev refuses a Deno from npm whose hash is not the pinned one, on every system", () =>
  inFolder(async (folder) => {
    const SYSTEMS = [
      ["Linux x86_64", ["sha256sum", "shasum"], "linux-x64-glibc@2.7.11"],
      ["Linux aarch64", ["sha256sum", "shasum"], "linux-arm64-glibc@2.9.6"],
      ["Darwin arm64", ["shasum"], "darwin-arm64@2.9.6"],
      ["Darwin x86_64", ["shasum"], "darwin-x64@2.9.6"],
    ] as const;
    for (const [system, hashers, spec] of SYSTEMS) {
      const home = `${folder}/${system.replace(" ", "-")}`;
      await Deno.mkdir(home);
      const npm = npmWith(home, "echo I am evil");
      const scripts = { ...LINUX, uname: `echo ${system}`, npm };
      const programs = [...PROGRAMS, ...UNPACKERS, ...hashers];
      const { code, stderr } = await dev(home, scripts, ["check"], programs);
      const [, ...lines] = stderr.trimEnd().split("\n");
      const version = spec.slice(spec.indexOf("@") + 1);
      assert.deepEqual({
        code,
        lines: lines.map((line) => line.replaceAll(/\b[0-9a-f]{64}\b/g, "HASH")),
        asked: await Deno.readTextFile(`${home}/asked`),
        kept: await Array.fromAsync(
          Deno.readDir(`${home}/.cache/bigeye-agent`),
          ({ name }) => name,
        ).then((names) => names.toSorted()),
      }, {
        code: 3,
        lines: [
          `Cannot trust Deno ${version} from npm: its SHA-256 is HASH and not HASH`,
          `  Put Deno ${version} on PATH; then try again`,
        ],
        asked: `pack --silent @deno/${spec}\n`,
        kept: [`deno-${version}`, `deno-${version}.lock`],
      });
    }
  }));

Deno.test("./dev with a mistyped verb names it and prints the usage", () =>
  inFolder(async (folder) => {
    const { code, stderr } = await dev(folder, {}, ["tset"]);
    assert.deepEqual({ code, lines: stderr.split("\n").slice(0, 3) }, {
      code: 2,
      lines: ['Cannot find the verb "tset"', "", "usage: ./dev <verb> [options]"],
    });
  }));

Deno.test("the usage of ./dev lists every verb and no other", async () => {
  const usage = await Deno.readTextFile(`${ROOT}/dev`);
  const listed = [...usage.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, verb]) => verb);
  const files = await Array.fromAsync(Deno.readDir(`${ROOT}/tools/verbs`), ({ name }) => name);
  // An underscore joins the words of a verb's second form.
  const verbs = files.filter((name) => !name.includes("_")).map((name) => name.slice(0, -3));
  assert.deepEqual(listed.toSorted(), [...verbs, "clean"].toSorted());
});
