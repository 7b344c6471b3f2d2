/** Tests deploy/prepare.sh: missing and failing openssl, kept secrets, permissions and certificates. */

import assert from "node:assert/strict";
import { ROOT } from "../../tools/cli/paths.ts";
import { inFolder } from "../fakes/system/temporary_folder.ts";
import { writeProgram } from "../fakes/system/program.ts";

/** The programs that the script finds on a machine without openssl. */
const PROGRAMS = ["cat", "chmod", "dirname", "grep", "mkdir", "mktemp", "mv", "rm"];
const WITH_OPENSSL = [...PROGRAMS, "openssl"];

interface Prepared {
  readonly code: number;
  readonly stderr: string;
  /** The files of secrets/, by name. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** Runs a copy of the script with only these programs on PATH. `openssl` is a script that replaces openssl. */
async function prepare(
  folder: string,
  programs: readonly string[],
  openssl?: string,
): Promise<Prepared> {
  const bin = await Deno.makeTempDir({ dir: folder });
  const found = await new Deno.Command("which", { args: [...programs] }).output();
  for (const path of new TextDecoder().decode(found.stdout).trim().split("\n")) {
    await Deno.symlink(path, `${bin}/${path.slice(path.lastIndexOf("/") + 1)}`);
  }
  if (openssl !== undefined) {
    await writeProgram(`${bin}/openssl`, openssl);
  }
  await Deno.copyFile(`${ROOT}/deploy/prepare.sh`, `${folder}/prepare.sh`);
  const { code, stderr } = await new Deno.Command("/bin/bash", {
    args: [`${folder}/prepare.sh`, "plane.example.com"],
    clearEnv: true,
    env: { PATH: bin },
    stdin: "null",
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr), secrets: await secretsOf(folder) };
}

async function secretsOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const secrets: Record<string, string> = {};
  const isThere = await Deno.stat(`${folder}/secrets`).then(() => true, () => false);
  if (!isThere) return secrets;
  for await (const { name } of Deno.readDir(`${folder}/secrets`)) {
    secrets[name] = await Deno.readTextFile(`${folder}/secrets/${name}`);
  }
  return secrets;
}

const MADE: Readonly<Record<string, RegExp>> = {
  plane_database_url: /^postgres:\/\/plane:[0-9a-f]{64}@postgres\/plane\n$/,
  postgres_password: /^[0-9a-f]{64}\n$/,
  temporal_api_key: /^[0-9a-f]{64}\n$/,
  temporal_password: /^[0-9a-f]{64}\n$/,
  tls_authority: /^-----BEGIN CERTIFICATE-----\n/,
  tls_certificate: /^-----BEGIN CERTIFICATE-----\n[^]*-----BEGIN PRIVATE KEY-----\n/,
};

function assertMade({ code, stderr, secrets }: Prepared): void {
  assert.equal(code, 0, stderr);
  assert.deepEqual(Object.keys(secrets).toSorted(), Object.keys(MADE));
  for (const [name, form] of Object.entries(MADE)) assert.match(secrets[name] ?? "", form, name);
}

Deno.test("without openssl prepare.sh creates nothing and says how to install it", () =>
  inFolder(async (folder) => {
    assert.deepEqual(await prepare(folder, PROGRAMS), {
      code: 3,
      stderr: 'Cannot make secrets without the command "openssl"\n' +
        "  Install openssl with your package manager " +
        "(Debian, Ubuntu: sudo apt-get install openssl), then try again\n",
      secrets: {},
    });
  }));

Deno.test("an openssl that fails leaves no secret, and the next run creates all of them", () =>
  inFolder(async (folder) => {
    const { code, secrets } = await prepare(folder, PROGRAMS, "exit 9");
    assert.deepEqual({ code, secrets }, { code: 9, secrets: {} });
    assertMade(await prepare(folder, WITH_OPENSSL));
  }));

Deno.test("existing secrets are kept, and empty ones are created", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/secrets`);
    const left = {
      postgres_password: "\n",
      temporal_password: "",
      plane_database_url: "postgres://plane:@postgres/plane\n",
    };
    for (const [name, text] of Object.entries(left)) {
      await Deno.writeTextFile(`${folder}/secrets/${name}`, text);
    }
    const first = await prepare(folder, WITH_OPENSSL);
    assertMade(first);
    assert.deepEqual((await prepare(folder, WITH_OPENSSL)).secrets, first.secrets);
  }));

// An operator who brings a certificate creates the folder before, with the usual permissions.
Deno.test("other users of the machine cannot enter the folder, even if it existed before", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/secrets`);
    await Deno.chmod(`${folder}/secrets`, 0o755);
    assertMade(await prepare(folder, WITH_OPENSSL));
    assert.equal(((await Deno.stat(`${folder}/secrets`)).mode ?? 0) & 0o777, 0o700);
  }));

Deno.test("a certificate without its authority is refused, and the reverse, and nothing is created", () =>
  inFolder(async (folder) => {
    const pair = ["tls_certificate", "tls_authority"] as const;
    for (const [there, missing] of [pair, pair.toReversed()]) {
      await Deno.mkdir(`${folder}/secrets`, { recursive: true });
      await Deno.writeTextFile(`${folder}/secrets/${there}`, "PEM\n");
      assert.deepEqual(await prepare(folder, WITH_OPENSSL), {
        code: 3,
        stderr: `Cannot use "secrets/${there}" without "secrets/${missing}"\n` +
          `  Add the missing file, or remove "secrets/${there}" to have both created; then try again\n`,
        secrets: { [`${there}`]: "PEM\n" },
      });
      await Deno.remove(`${folder}/secrets/${there}`);
    }
  }));

Deno.test("an operator's certificate and authority are kept", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/secrets`);
    const own = { tls_authority: "authority\n", tls_certificate: "chain, key\n" };
    for (const [name, text] of Object.entries(own)) {
      await Deno.writeTextFile(`${folder}/secrets/${name}`, text);
    }
    const { code, secrets: { tls_authority, tls_certificate } } = await prepare(
      folder,
      WITH_OPENSSL,
    );
    assert.deepEqual({ code, tls_authority, tls_certificate }, { code: 0, ...own });
  }));
