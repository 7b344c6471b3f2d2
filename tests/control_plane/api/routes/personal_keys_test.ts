/** Personal keys over REST: a user's own keys, and an admin's access to the keys of others. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { openStore } from "../../../../control_plane/store/mod.ts";
import {
  API,
  type Key,
  PEER,
  refusal,
  type TestPlane,
  testPlane,
} from "../../../fakes/control_plane/plane.ts";
import { inFolder } from "../../../fakes/system/temporary_folder.ts";

const KEYS = `${API}/personal-api-keys`;

async function made(plane: TestPlane, as: Key, name: string) {
  const { body } = await plane.call("POST", KEYS, { as, body: { name } });
  const headers = { authorization: `apikey ${body.apiKey}` };
  return {
    id: body.info.id,
    key: body.apiKey,
    verify: async () => (await plane.call("GET", `${KEYS}/verify`, { as: "none", headers })).status,
  };
}

Deno.test("a member creates a key, which is shown once, lists it with its last use, and revokes it", async () => {
  await using plane = await testPlane();
  const body = { name: "laptop", description: "for scripts" };
  const created = await plane.call("POST", KEYS, { as: "member", body });
  const { apiKey, info } = created.body;
  assert.deepEqual([created.status, created.body], [200, {
    apiKey,
    info: { id: info.id, name: "laptop" },
  }]);
  assert.match(apiKey, /^bigeye_pak_[\w-]{43}$/);
  plane.clock.advance(1000);
  const headers = { authorization: `apikey ${apiKey}` };
  const verify = () => plane.call("GET", `${KEYS}/verify`, { as: "none", headers });
  assert.equal((await verify()).status, 204);

  const list = await plane.call("GET", KEYS, { as: "member" });
  assert.equal(JSON.stringify(list.body).includes(apiKey), false);
  const createdAt = "2026-01-01T00:00:00.000Z";
  assert.deepEqual(list.body, {
    keys: [
      {
        id: list.body.keys.find(({ id }: { id: string }) => id !== info.id).id,
        name: "Max",
        description: "",
        createdAt,
        lastUsedAt: createdAt,
        lastUsedIp: PEER,
      },
      {
        id: info.id,
        ...body,
        createdAt,
        lastUsedAt: "2026-01-01T00:00:01.000Z",
        lastUsedIp: PEER,
      },
    ].toSorted((a, b) => a.id < b.id ? -1 : 1),
  });

  const revoke = () => plane.call("DELETE", `${KEYS}/${info.id}`, { as: "member" });
  assert.equal((await revoke()).status, 204);
  assert.equal((await verify()).status, 401);
  assert.deepEqual(refusal(await revoke()), {
    status: 404,
    code: "api_key_not_found",
    paths: [],
  });
});

// Attacker: has a copy of the database, and looks for keys.
Deno.test("the database contains the hash of a key and not the key", () =>
  inFolder(async (folder) => {
    let key: string;
    {
      await using plane = await testPlane((clock) => openStore(`${folder}/plane.sqlite`, clock));
      ({ key } = await made(plane, "member", "laptop"));
    }
    const database = new TextDecoder("latin1").decode(
      await Deno.readFile(`${folder}/plane.sqlite`),
    );
    const hash = createHash("sha256").update(key).digest("hex");
    assert.deepEqual(
      ["laptop", hash, key].map((text) => database.includes(text)),
      [true, true, false],
    );
  }));

// Attacker: a member who guesses the ids of other users' keys.
Deno.test("a member can neither see nor revoke keys of another user or of the account", async () => {
  await using plane = await testPlane();
  const adas = await made(plane, "admin", "ada's laptop");
  const own = await plane.call("GET", KEYS, { as: "member" });
  assert.deepEqual(own.body.keys.map(({ name }: { name: string }) => name), ["Max"]);
  const [account] = await plane.store.keys.list("account");
  for (const id of [adas.id, account?.id]) {
    const answer = await plane.call("DELETE", `${KEYS}/${id}`, { as: "member" });
    assert.deepEqual(refusal(answer), { status: 404, code: "api_key_not_found", paths: [] });
  }
  assert.deepEqual([await adas.verify(), (await plane.store.keys.list("account")).length], [
    204,
    2,
  ]);
});

Deno.test("an admin can list and revoke every user's personal keys, but no account key by that route", async () => {
  await using plane = await testPlane();
  const maxs = await made(plane, "member", "laptop");
  const { body: { id: userId } } = await plane.call("GET", `${API}/users/me`, { as: "member" });
  const list = await plane.call("GET", `${API}/users/${userId}/personal-api-keys`);
  assert.deepEqual(
    list.body.keys.map(({ name }: { name: string }) => name).toSorted(),
    ["Max", "laptop"],
  );
  assert.equal((await plane.call("DELETE", `${KEYS}/${maxs.id}`)).status, 204);
  assert.equal(await maxs.verify(), 401);
  const [account] = await plane.store.keys.list("account");
  const answer = await plane.call("DELETE", `${KEYS}/${account?.id}`);
  assert.deepEqual(refusal(answer), { status: 404, code: "api_key_not_found", paths: [] });
});
