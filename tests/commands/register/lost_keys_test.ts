/** A key pair that was lost with its last machine can be replaced, but not while hosts of the account use it. */

import assert from "node:assert/strict";
import { STRANGER } from "../../fakes/keys/key_pairs.ts";
import { API, ORCHESTRATOR } from "../../fakes/control_plane/plane.ts";
import { FOLDER, makeWorld, type World } from "../world.ts";
import { samePublicKey } from "../../../lib/crypto/keys.ts";

const options = ({ plane: { keys } }: World) => ({
  env: {
    BIGEYE_URL: "https://bigeye.test",
    BIGEYE_PERSONAL_API_KEY: keys.admin,
    BIGEYE_AGENT_API_KEY: keys.agent,
  },
});

Deno.test("after the last host is removed, a new machine registers with a new key pair", async () => {
  await using world = await makeWorld();
  const { plane } = world;
  const lost = STRANGER;
  await plane.call("PUT", `${API}/agent/public-key`, { body: { publicKey: lost.publicPem } });
  await plane.addHost("dead-1");
  const register = () => world.run("bigeye-agent register --host-id prod-1", options(world));

  const refused = await register();
  assert.deepEqual([refused.code, refused.noted.at(-1)], [3, " code: keys_on_other_hosts"]);

  assert.equal((await plane.call("DELETE", `${ORCHESTRATOR}/hosts/dead-1`)).status, 204);
  assert.equal((await register()).code, 0);
  const { body } = await plane.call("GET", `${API}/agent/public-key`);
  const own = await world.files.readText(`${FOLDER}/agent_config/public.pem`);
  assert.ok(samePublicKey(body.publicKey, own ?? ""));
  assert.ok(!samePublicKey(body.publicKey, lost.publicPem));
});
