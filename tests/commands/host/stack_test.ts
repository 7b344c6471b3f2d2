/** `register` keeps a copy of a `docker-compose.bigeye.yml` that it did not write. */

import assert from "node:assert/strict";
import { verifyOnDisk } from "../../../boundary/verify.ts";
import { latin1 } from "../../fakes/system/latin1.ts";
import { FOLDER, makeWorld, type World } from "../world.ts";

const LINE = "bigeye-agent register --host-id prod-1";
const COMPOSE = `${FOLDER}/docker-compose.bigeye.yml`;
const KEPT = `${FOLDER}/docker-compose.bigeye.before-register`;
const THEIRS = "# ours, by hand\r\nservices:\n  source: {image: bigeyedata/agent-source}\n\n";
const REMARK = (name: string) => `      renamed the existing docker-compose.bigeye.yml to ${name}`;

function environment({ plane: { keys } }: World) {
  return {
    BIGEYE_URL: "https://bigeye.test",
    BIGEYE_PERSONAL_API_KEY: keys.admin,
    BIGEYE_AGENT_API_KEY: keys.agent,
  };
}

const keptIn = (world: World) =>
  Object.entries(world.files.snapshot()).filter(([path]) => path.includes("before-register"));

Deno.test("an operator's compose file is kept byte for byte, with its mode", async () => {
  await using world = await makeWorld({ texts: { [COMPOSE]: THEIRS } });
  await world.files.chmod(COMPOSE, 0o640);
  const { code, noted } = await world.run(LINE, { env: environment(world) });
  assert.equal(code, 0, noted.join("\n"));
  assert.deepEqual(keptIn(world), [[KEPT, { owned: "640 1000:1000", text: THEIRS }]]);
  assert(noted.includes(REMARK("docker-compose.bigeye.before-register")));
  await verifyOnDisk(world.files, FOLDER);
});

Deno.test("a compose file in another encoding is kept byte for byte", async () => {
  const theirs = latin1("# f\xfcr uns\nservices: {}\n");
  await using world = await makeWorld({ texts: { [COMPOSE]: theirs } });
  assert.equal((await world.run(LINE, { env: environment(world) })).code, 0);
  assert.deepEqual(await world.files.readBytes(KEPT), theirs);
});

Deno.test("the kept file keeps its owner when root registers", async () => {
  await using world = await makeWorld({ uid: 0, texts: { [COMPOSE]: THEIRS } });
  await world.files.chown(COMPOSE, 1000, 1000);
  assert.equal((await world.run(LINE, { env: environment(world) })).code, 0);
  assert.deepEqual(keptIn(world), [[KEPT, { owned: "644 1000:1000", text: THEIRS }]]);
});

Deno.test("an earlier kept file is not overwritten, and the same content is not kept twice", async () => {
  const texts = { [COMPOSE]: THEIRS, [KEPT]: "older\n", [`${KEPT}-2`]: THEIRS };
  await using world = await makeWorld({ texts });
  const env = environment(world);
  assert.equal((await world.run(LINE, { env })).code, 0);
  await world.files.writeText(COMPOSE, "a third\n", { mode: 0o644 });
  const { noted } = await world.run(LINE, { env });
  assert(noted.includes(REMARK("docker-compose.bigeye.before-register-3")));
  assert.deepEqual(keptIn(world).map(([path, { text }]) => [path, text]), [
    [KEPT, "older\n"],
    [`${KEPT}-2`, THEIRS],
    [`${KEPT}-3`, "a third\n"],
  ]);
});

Deno.test("a compose file that register wrote is replaced without a copy", async () => {
  await using world = await makeWorld();
  const env = environment(world);
  await world.run(LINE, { env });
  const ours = await world.files.readText(COMPOSE) ?? "";
  await world.files.writeText(COMPOSE, `${ours}# edited\n`, { mode: 0o644 });
  const { code, noted } = await world.run(LINE, { env });
  assert.equal(code, 0);
  assert.equal(await world.files.readText(COMPOSE), ours);
  assert.deepEqual(keptIn(world), []);
  assert.deepEqual(noted.filter((line) => line.includes("kept")), []);
});

Deno.test("--dry-run names the file that would be kept", async () => {
  await using world = await makeWorld({ texts: { [COMPOSE]: THEIRS } });
  const before = world.files.snapshot();
  const { said } = await world.run(`${LINE} --dry-run`, { env: environment(world) });
  assert(said.includes(
    "would rename the existing docker-compose.bigeye.yml to docker-compose.bigeye.before-register",
  ));
  assert.deepEqual(world.files.snapshot(), before);
});
