/** Users over REST: adding, roles and removal, and the last admin. */

import assert from "node:assert/strict";
import {
  type Answered,
  API,
  refusal,
  type TestPlane,
  testPlane,
} from "../../../fakes/control_plane/plane.ts";

const USERS = `${API}/users`;
const NOW = "2026-01-01T00:00:00.000Z";

/** Sends a GET request with this key. */
function withKey(plane: TestPlane, key: string, path: string): Promise<Answered> {
  return plane.call("GET", path, { as: "none", headers: { authorization: `apikey ${key}` } });
}

async function idOf(plane: TestPlane, name: string): Promise<string> {
  const { body } = await plane.call("GET", USERS);
  return body.users.find((user: { name: string }) => user.name === name).id;
}

Deno.test("a new user is a member with a first key, can become an admin, and is listed by name", async () => {
  await using plane = await testPlane();
  const added = await plane.call("POST", USERS, { body: { name: "Bea" } });
  const { user, apiKey } = added.body;
  assert.deepEqual([added.status, added.body], [201, {
    user: { id: user.id, name: "Bea", role: "member", createdAt: NOW },
    apiKey,
  }]);
  assert.deepEqual((await withKey(plane, apiKey, `${USERS}/me`)).body, {
    id: user.id,
    name: "Bea",
    role: "member",
  });

  const path = `${USERS}/${user.id}`;
  const changed = await plane.call("PATCH", path, { body: { role: "admin" } });
  assert.deepEqual([changed.status, changed.body], [200, { ...user, role: "admin" }]);
  const list = await withKey(plane, apiKey, USERS);
  assert.deepEqual(list.body, {
    users: [
      { id: await idOf(plane, "Ada"), name: "Ada", role: "admin", createdAt: NOW },
      { ...user, role: "admin" },
      { id: await idOf(plane, "Max"), name: "Max", role: "member", createdAt: NOW },
    ],
  });
});

// Otherwise entries of the audit log could look like those of another user.
Deno.test("a user name that differs from another only in case or spaces is refused", async () => {
  await using plane = await testPlane();
  for (const name of ["Ada", "aDA", " ada "]) {
    const answer = await plane.call("POST", USERS, { body: { name } });
    assert.deepEqual(refusal(answer), { status: 409, code: "user_name_taken", paths: ["name"] });
  }
});

// Attacker: has left the company, and goes on with a key or a session.
Deno.test("keys and sessions of a removed user stop working at once", async () => {
  await using plane = await testPlane();
  const { body: { user, apiKey } } = await plane.call("POST", USERS, { body: { name: "Bea" } });
  const made = await plane.call("POST", `${API}/personal-api-keys`, {
    as: "none",
    headers: { authorization: `apikey ${apiKey}` },
    body: { name: "laptop" },
  });
  const keys = [apiKey, made.body.apiKey];
  const statuses = () =>
    Promise.all(keys.map(async (key) => (await withKey(plane, key, `${USERS}/me`)).status));
  assert.deepEqual(await statuses(), [200, 200]);
  const [key] = await plane.store.keys.list({ userId: user.id });
  await plane.store.sessions.begin({
    userId: user.id,
    keyId: key?.id ?? "",
    tokenHash: "token",
    formToken: "form",
  });
  assert.equal((await plane.store.sessions.find("token", { isUse: true }))?.user.name, "Bea");
  assert.equal((await plane.call("DELETE", `${USERS}/${user.id}`)).status, 204);
  assert.deepEqual(await statuses(), [401, 401]);
  assert.equal(await plane.store.sessions.find("token", { isUse: true }), undefined);
  const again = await plane.call("DELETE", `${USERS}/${user.id}`);
  assert.deepEqual(refusal(again), { status: 404, code: "user_not_found", paths: [] });
});

Deno.test("the last admin can be neither removed nor demoted", async () => {
  await using plane = await testPlane();
  const path = `${USERS}/${await idOf(plane, "Ada")}`;
  const refused = { status: 409, code: "last_admin", paths: [] };
  const demoted = await plane.call("PATCH", path, { body: { role: "member" } });
  assert.deepEqual(refusal(demoted), refused);
  assert.equal(demoted.body.message, 'Cannot demote user "Ada": there is no other admin');
  assert.deepEqual(refusal(await plane.call("DELETE", path)), refused);
  assert.equal((await plane.call("PATCH", path, { body: { role: "admin" } })).status, 200);
  assert.equal((await plane.call("GET", `${USERS}/me`)).body.role, "admin");
});

Deno.test("when two admins demote each other at once, one remains an admin", async () => {
  await using plane = await testPlane();
  const [ada, max] = [await idOf(plane, "Ada"), await idOf(plane, "Max")];
  await plane.call("PATCH", `${USERS}/${max}`, { body: { role: "admin" } });
  const demote = (id: string, as: "admin" | "member") =>
    plane.call("PATCH", `${USERS}/${id}`, { as, body: { role: "member" } });
  const answers = await Promise.all([demote(max, "admin"), demote(ada, "member")]);
  const [done, refused = 0] = answers.map(({ status }) => status).toSorted();
  // The second call is refused, because its user is the last admin, or its caller no longer an admin.
  assert.ok(done === 200 && [403, 409].includes(refused), `${done} ${refused}`);
  const roles = (await plane.store.users.list()).map(({ role }) => role);
  assert.deepEqual(roles.toSorted(), ["admin", "member"]);
});

Deno.test("a demoted admin loses the admin's rights with the next request", async () => {
  await using plane = await testPlane();
  const max = `${USERS}/${await idOf(plane, "Max")}`;
  await plane.call("PATCH", max, { body: { role: "admin" } });
  assert.equal((await plane.call("GET", USERS, { as: "member" })).status, 200);
  await plane.call("PATCH", max, { body: { role: "member" } });
  assert.equal((await plane.call("GET", USERS, { as: "member" })).status, 403);
});

Deno.test("a user without a name or with an unknown role is 422 with the path", async () => {
  await using plane = await testPlane();
  const cases: [unknown, string[]][] = [
    [{}, ["name"]],
    [{ name: " " }, ["name"]],
    [{ name: "Bea", role: "owner" }, ["role"]],
    [{ name: "Bea", keyHash: "x" }, ["keyHash"]],
  ];
  for (const [body, paths] of cases) {
    const answer = await plane.call("POST", USERS, { body });
    assert.deepEqual(refusal(answer), { status: 422, code: "invalid_input", paths });
  }
});
