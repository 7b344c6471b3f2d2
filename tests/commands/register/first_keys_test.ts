/** Two hosts that create the account's first key pair at the same time. */

import assert from "node:assert/strict";
import { samePublicKey } from "../../../lib/crypto/keys.ts";
import { STRANGER } from "../../fakes/keys/key_pairs.ts";
import { API, testPlane } from "../../fakes/control_plane/plane.ts";
import { FOLDER, makeWorld } from "../world.ts";

const PUBLIC_KEY = `${API}/agent/public-key`;

Deno.test("the second of two hosts that set the first public key is refused, and can register with the first pair", async () => {
  await using plane = await testPlane();
  const first = STRANGER;
  let isFree = true;
  const world = await makeWorld({
    plane: {
      ...plane,
      // Another host registers while this one creates its key pair.
      async fetch(request) {
        if (request.method === "PUT" && isFree) {
          isFree = false;
          await plane.call("PUT", PUBLIC_KEY, { body: { publicKey: first.publicPem } });
          await plane.addHost("first-1");
        }
        return await plane.fetch(request);
      },
    },
  });
  const env = {
    BIGEYE_URL: "https://bigeye.test",
    BIGEYE_PERSONAL_API_KEY: plane.keys.admin,
    BIGEYE_AGENT_API_KEY: plane.keys.agent,
  };
  const register = () => world.run("bigeye-agent register --host-id second-1", { env });
  const registered = async () => (await plane.call("GET", PUBLIC_KEY)).body.publicKey;

  const { code, said, noted } = await register();
  assert.deepEqual([code, said, noted.slice(-4)], [5, [], [
    "      creating a 4096-bit RSA key pair",
    "error: Cannot set the company's first public key: another host has registered one meanwhile",
    " hint: Copy the whole agent_config folder from the host that registered it, and run " +
    '"bigeye-agent register" again',
    " code: public_key_already_set",
  ]]);
  const written = Object.keys(world.files.snapshot());
  assert.deepEqual(written.filter((path) => path.endsWith(".pem")), []);
  assert.ok(samePublicKey(await registered(), first.publicPem));

  // The host downloads everything else than the private key.
  const privateKey = `${FOLDER}/agent_config/private.pem`;
  await world.files.writeText(privateKey, first.privatePem, { mode: 0o600 });
  assert.equal((await register()).code, 0);
  assert.ok(samePublicKey(await registered(), first.publicPem));
  const { body } = await plane.call("GET", "/api/v1/agent-orchestrator/hosts");
  const ids = body.hosts.map(({ hostId }: { hostId: string }) => hostId);
  assert.deepEqual(ids.toSorted(), ["first-1", "second-1"]);
});
