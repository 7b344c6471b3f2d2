/** Commands check the files next to the compose file before they change or start anything, as `serve` does. */

import assert from "node:assert/strict";
import { latin1 } from "../fakes/system/latin1.ts";
import { FOLDER, makeWorld, type RunOptions, type World } from "./world.ts";

const REGISTER = "bigeye-agent register --host-id prod-1";
const STARTING = [
  REGISTER,
  "bigeye-agent sync",
  "bigeye-agent compose up",
  "bigeye-agent compose upgrade",
];

function optionsFor({ plane: { keys } }: World): RunOptions {
  return {
    env: {
      BIGEYE_URL: "https://bigeye.test",
      BIGEYE_PERSONAL_API_KEY: keys.admin,
      BIGEYE_AGENT_API_KEY: keys.agent,
    },
  };
}

async function registered(
  texts: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<World> {
  const world = await makeWorld({ texts });
  const { code, noted } = await world.run(REGISTER, optionsFor(world));
  assert.equal(code, 0, noted.join("\n"));
  return world;
}

/** With each of these `serve` would refuse to start. */
const STEERING: Readonly<Record<string, readonly [name: string, text: string, found: string]>> = {
  "a .env that names other compose files": [".env", "COMPOSE_FILE=a.yml:b.yml\n", "COMPOSE_FILE"],
  "an override file": ["docker-compose.override.yml", "services: {}\n", "a file"],
};

for (const [what, [name, text, found]] of Object.entries(STEERING)) {
  for (const line of STARTING) {
    Deno.test(`${line} refuses ${what} and changes nothing`, async () => {
      await using world = await registered();
      await world.files.writeText(`${FOLDER}/${name}`, text);
      const [files, ran, calls] = [
        world.files.snapshot(),
        world.docker.ran.length,
        world.calls.length,
      ];
      const { code, noted } = await world.run(line, optionsFor(world));
      assert.deepEqual([code, noted.slice(-5)], [6, [
        `error: Cannot start: files in "${FOLDER}" could change the security boundary`,
        `       ${name}: - expected no ${name === ".env" ? found : "second compose file"}`,
        `       ${name}: + found ${found}`,
        " hint: Move the files, or the lines of .env, that are named above to another folder, " +
        "and run the same command again",
        " code: boundary_changed",
      ]]);
      assert.deepEqual(world.files.snapshot(), files);
      assert.equal(world.calls.length, calls);
      const starts = world.docker.ran.slice(ran).filter((command) => /^compose|pull/.test(command));
      assert.deepEqual(starts, []);
    });
  }
}

Deno.test("compose up refuses a changed compose file and starts nothing", async () => {
  await using world = await registered();
  const path = `${FOLDER}/docker-compose.bigeye.yml`;
  const text = await world.files.readText(path) ?? "";
  await world.files.writeText(path, text.replace('EXEC: "0"', 'EXEC: "1"'));
  const ran = world.docker.ran.length;
  const { code, noted } = await world.run("bigeye-agent compose up");
  assert.deepEqual([code, noted.at(-1), world.docker.ran.length], [
    6,
    " code: boundary_changed",
    ran,
  ]);
});

Deno.test("a .env with variables of other programs is accepted, even if it is malformed", async () => {
  const others = 'DOCKER_REGISTRY=reg\nCOMPOSE_HTTP_TIMEOUT=120\nan odd line\nA="open\nf\xfcr=1\n';
  await using world = await registered({ [`${FOLDER}/.env`]: latin1(others) });
  for (const line of STARTING) {
    const { code, noted } = await world.run(line, optionsFor(world));
    assert.equal(code, 0, noted.join("\n"));
  }
});
