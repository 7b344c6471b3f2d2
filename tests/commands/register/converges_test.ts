/** After a failure at any step of `register`, the next call ends as if nothing had failed. */

import assert from "node:assert/strict";
import { FOLDER, makeWorld, type World } from "../world.ts";
import { testPlane } from "../../fakes/control_plane/plane.ts";

const LINE = "bigeye-agent register --host-id prod-1";
const MINE = "# mine\nagents:\n- type: lineage\n";

function environment({ plane: { keys } }: World) {
  return {
    BIGEYE_URL: "https://bigeye.test",
    BIGEYE_PERSONAL_API_KEY: keys.admin,
    BIGEYE_AGENT_API_KEY: keys.agent,
  };
}

/** The host's files with random values replaced, and without `agent_api_key`, which each account has its own. */
function settled(world: World) {
  const snapshot = world.files.snapshot();
  const id = snapshot[`${FOLDER}/.bigeye/installation`]?.text?.trim() ?? "none";
  const plain = (text: string) =>
    text.replaceAll(id, "ID").replaceAll(id.slice(0, 8), "ID8")
      .replace(/(BIGEYE_SETTINGS_DIGEST: )\S+/, "$1DIGEST");
  return Object.fromEntries(
    Object.entries(snapshot).filter(([path]) => !path.endsWith("/agent_api_key"))
      .map(([path, { owned, text = "" }]) => [path, `${owned}\n${plain(text)}`]),
  );
}

/** The host in Bigeye's list, without random values. */
async function listed({ plane }: World) {
  const { body } = await plane.call("GET", "/api/v1/agent-orchestrator/hosts");
  return body.hosts.map(({ hostId, managedAgents, state }: Record<string, unknown>) => ({
    hostId,
    managedAgents,
    state,
  }));
}

type Failure = "refused" | "full disk";

const ERRORS: Readonly<Record<Failure, () => Error>> = {
  refused: () => new TypeError("connection refused"),
  "full disk": () => Object.assign(new Error("No space left on device"), { code: "ENOSPC" }),
};

async function world(uid: number, failAt = Infinity, failure: Failure = "refused") {
  const plane = await testPlane();
  const effects: string[] = [];
  const before = (effect: string) => {
    effects.push(effect);
    if (effects.length === failAt) throw ERRORS[failure]();
  };
  const made = await makeWorld({
    texts: { [`${FOLDER}/bigeye_agent.yml`]: MINE },
    plane,
    before,
    uid,
  });
  return { made, effects, plane };
}

for (const uid of [1000, 0]) {
  const who = uid === 0 ? "root" : "a user";
  Deno.test(`register by ${who} converges after a failure at any of its effects`, async (t) => {
    const reference = await world(uid);
    assert.equal((await reference.made.run(LINE, { env: environment(reference.made) })).code, 0);
    const wanted = { files: settled(reference.made), hosts: await listed(reference.made) };
    await reference.plane[Symbol.asyncDispose]();

    for (const [index, effect] of reference.effects.entries()) {
      const failure = effect.startsWith("write") ? "full disk" : "refused";
      await t.step(`${failure} at ${effect}`, async () => {
        const { made, plane } = await world(uid, index + 1, failure);
        await using _ = plane;
        const env = environment(made);
        await made.run(LINE, { env });
        const { code, noted } = await made.run(LINE, { env });
        assert.equal(code, 0, noted.join("\n"));
        assert.deepEqual({ files: settled(made), hosts: await listed(made) }, wanted);
      });
    }
  });
}

for (const call of ["PUT /api/v2/agent/public-key", "POST /api/v1/agent-orchestrator/register"]) {
  Deno.test(`register converges when the response of ${call} is lost`, async () => {
    await using plane = await testPlane();
    let isLost = false;
    const after = (done: string) => {
      if (done !== call || isLost) return;
      isLost = true;
      throw new TypeError("connection reset");
    };
    const made = await makeWorld({ plane, after });
    const env = environment(made);
    assert.equal((await made.run(LINE, { env })).code, 1);
    const { code, noted } = await made.run(LINE, { env });
    assert.equal(code, 0, noted.join("\n"));
    assert.deepEqual(await listed(made), [
      { hostId: "prod-1", managedAgents: [], state: "online" },
    ]);
  });
}
