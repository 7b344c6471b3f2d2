/** Agent keys and public keys over REST: verification, owner, creation and deletion. */

import assert from "node:assert/strict";
import { COMPANY, STRANGER } from "../../../fakes/keys/key_pairs.ts";
import { API, type Key, PEER, refusal, testPlane } from "../../../fakes/control_plane/plane.ts";

// Attacker: has no key, a made-up key, or a key in another scheme.
Deno.test("a wrong key, a wrong scheme and a missing key are refused with the documented body", async () => {
  await using plane = await testPlane();
  const verify = `${API}/personal-api-keys/verify`;
  for (
    const authorization of [
      "apikey bigeye_pak_wrong",
      `Bearer ${plane.keys.admin}`,
      plane.keys.admin,
      "apikey ",
      `apikey ${plane.keys.admin.slice(0, -1)}`,
    ]
  ) {
    const answer = await plane.call("GET", verify, { as: "none", headers: { authorization } });
    assert.deepEqual(refusal(answer), { status: 401, code: "unauthenticated", paths: [] });
    assert.equal(answer.headers.get("www-authenticate"), "apikey");
    assert.deepEqual(Object.keys(answer.body), ["code", "message", "error", "details"]);
  }
});

Deno.test("users/me shows the name and the role of the key's owner", async () => {
  await using plane = await testPlane();
  const me = async (as: Key) => (await plane.call("GET", `${API}/users/me`, { as })).body;
  const [admin, member] = [await me("admin"), await me("member")];
  assert.deepEqual(admin, { id: admin.id, name: "Ada", role: "admin" });
  assert.deepEqual(member, { id: member.id, name: "Max", role: "member" });
});

Deno.test("an agent key is shown once, is listed with its last use, and does not work when deleted", async () => {
  await using plane = await testPlane();
  const body = { name: "host keys", description: "for all hosts" };
  const created = await plane.call("POST", `${API}/agent-api-keys`, { body });
  const { apiKey, info } = created.body;
  assert.deepEqual(created.body, {
    apiKey,
    info: { id: info.id, name: "host keys", type: "AGENT_API_KEY_TYPE_AGENT" },
  });

  const headers = { authorization: `apikey ${apiKey}` };
  const verify = () => plane.call("GET", `${API}/agent-api-keys/verify`, { as: "none", headers });
  assert.equal((await verify()).status, 204);
  const list = await plane.call("GET", `${API}/agent-api-keys`);
  assert.equal(JSON.stringify(list.body).includes(apiKey), false);
  assert.deepEqual(list.body.keys.find(({ id }: { id: string }) => id === info.id), {
    id: info.id,
    name: "host keys",
    description: "for all hosts",
    type: "AGENT_API_KEY_TYPE_AGENT",
    createdAt: "2026-01-01T00:00:00.000Z",
    lastUsedAt: "2026-01-01T00:00:00.000Z",
    lastUsedIp: PEER,
  });

  const removal = () => plane.call("DELETE", `${API}/agent-api-keys/${info.id}`);
  assert.equal((await removal()).status, 204);
  assert.equal((await verify()).status, 401);
  assert.deepEqual(refusal(await removal()), {
    status: 404,
    code: "api_key_not_found",
    paths: [],
  });
});

Deno.test("the company's public key is 404 until it is set", async () => {
  await using plane = await testPlane();
  const path = `${API}/agent/public-key`;
  assert.equal((await plane.call("GET", path)).status, 404);
  const { publicPem } = COMPANY;
  const set = await plane.call("PUT", path, { body: { publicKey: publicPem } });
  assert.deepEqual([set.status, set.body], [200, { publicKey: publicPem }]);
  const found = await plane.call("GET", path, { as: "agent" });
  assert.deepEqual([found.status, found.body], [200, { publicKey: publicPem }]);
  assert.equal(plane.wakes(), 1);
});

Deno.test("when two hosts set the company's first public key at once, one succeeds and the other is 412", async () => {
  await using plane = await testPlane();
  const path = `${API}/agent/public-key`;
  const pems = [COMPANY.publicPem, STRANGER.publicPem];
  const headers = { "if-none-match": "*" };
  const answers = await Promise.all(
    pems.map((publicKey) => plane.call("PUT", path, { body: { publicKey }, headers })),
  );
  const [set, refused] = answers.toSorted((one, other) => one.status - other.status);
  const message =
    "Cannot set the company's first public key: another host has registered one meanwhile";
  assert.deepEqual([set?.status, refused?.status, refused?.body], [200, 412, {
    code: "public_key_already_set",
    message,
    error: message,
    details: [{
      message: "Copy the whole agent_config folder from the host that registered it, " +
        'and run "bigeye-agent register" again',
    }],
  }]);
  assert.deepEqual((await plane.call("GET", path)).body, set?.body);
  const changes = (await plane.store.audit.list({ limit: 100 })).entries
    .filter(({ action }) => action === "company_key.set");
  assert.deepEqual([changes.length, plane.wakes()], [1, 1]);

  const other = pems.find((publicKey) => publicKey !== set?.body.publicKey);
  const change = { body: { publicKey: other } };
  assert.equal((await plane.call("PUT", path, change)).status, 200);
  assert.deepEqual((await plane.call("GET", path)).body, change.body);
});

Deno.test("If-None-Match of the public key accepts only *", async () => {
  await using plane = await testPlane();
  for (const tag of ['"*"', '"1"', "none"]) {
    const answer = await plane.call("PUT", `${API}/agent/public-key`, {
      body: { publicKey: "any" },
      headers: { "if-none-match": tag },
    });
    assert.deepEqual(refusal(answer), {
      status: 422,
      code: "invalid_input",
      paths: ["If-None-Match"],
    });
  }
});

Deno.test("an agent key can read Bigeye's public key", async () => {
  await using plane = await testPlane();
  const { body } = await plane.call("GET", `${API}/agent/public-key/bigeye`, { as: "agent" });
  assert.deepEqual(body, { publicKey: "bigeye's public key" });
});

// An admin could set a key that is too weak to protect payloads, or a private key, by mistake or on purpose.
Deno.test("a short public key, a key of another kind, and a text that is not a public key are refused", async () => {
  await using plane = await testPlane();
  const pemOf = (label: string, bytes: ArrayBuffer) =>
    `-----BEGIN ${label}-----\n${new Uint8Array(bytes).toBase64()}\n-----END ${label}-----\n`;
  const rsa = { name: "RSA-OAEP", hash: "SHA-256", publicExponent: new Uint8Array([1, 0, 1]) };
  const short = await crypto.subtle.generateKey({ ...rsa, modulusLength: 2048 }, true, [
    "encrypt",
    "decrypt",
  ]);
  const curve = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
    "sign",
    "verify",
  ]);
  const { exportKey } = crypto.subtle;
  const spki = (key: CryptoKey) => exportKey.call(crypto.subtle, "spki", key);
  for (
    const publicKey of [
      "",
      "hello",
      "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
      pemOf("PUBLIC KEY", await spki(short.publicKey)),
      pemOf("PUBLIC KEY", await spki(curve.publicKey)),
      pemOf("PRIVATE KEY", await crypto.subtle.exportKey("pkcs8", short.privateKey)),
    ]
  ) {
    const answer = await plane.call("PUT", `${API}/agent/public-key`, { body: { publicKey } });
    assert.deepEqual(refusal(answer), {
      status: 422,
      code: "invalid_input",
      paths: ["publicKey"],
    });
  }
});
