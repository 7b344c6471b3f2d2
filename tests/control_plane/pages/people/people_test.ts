/** People in the pages: adding, roles, removing, and their keys. */

import assert from "node:assert/strict";
import { testPages } from "../../../fakes/control_plane/pages.ts";

const PEOPLE = "/settings/people";
const KEYS = "/settings/keys";

const keyIn = (text: string): string => /bigeye_[pai]ak_[\w-]{43}/.exec(text)?.[0] ?? "none";

Deno.test("a user is added with a key that is shown once, and signs in", async () => {
  await using pages = await testPages();
  const admin = await pages.signedIn("admin");
  const { status, text } = await admin.post(PEOPLE, { name: "Grace", role: "member" });
  assert.equal(status, 200);
  const key = keyIn(text);
  assert.equal((await pages.browser().signIn(key)).status, 303);
  for (const path of [PEOPLE, KEYS, "/settings/audit"]) {
    assert.equal((await admin.get(path)).text.includes(key), false, path);
  }
  assert.equal((await admin.post(PEOPLE, { name: "grace", role: "member" })).status, 409);
});

Deno.test("a form that is refused keeps what was typed and shows the error at its field", async () => {
  await using pages = await testPages();
  const admin = await pages.signedIn("admin");
  const long = "n".repeat(201);
  const cases: [string, Record<string, string>, number, RegExp][] = [
    [
      PEOPLE,
      { name: "ADA", role: "admin" },
      409,
      /<p class="error" id="name-error">.*Is already the name of another user/s,
    ],
    [PEOPLE, { name: long, role: "admin" }, 422, /id="name-error">.*Must be at most 200/s],
    [KEYS, { name: long, kind: "personal" }, 422, /id="personal-name-error">.*Must be at most/s],
    [KEYS, { name: long, kind: "integration" }, 422, /id="account-name-error">.*Must be at most/s],
  ];
  for (const [path, fields, status, words] of cases) {
    const shown = await admin.post(path, fields);
    assert.equal(shown.status, status);
    assert.match(shown.text, words);
    assert.match(shown.text, new RegExp(`name="name" value="${fields["name"]}"[^>]*autofocus`));
    const choice = /<select id="(?:role|account-kind)".*?<\/select>/s.exec(shown.text)?.[0] ?? "";
    const kept = fields["role"] ?? fields["kind"];
    if (kept !== "personal") assert.match(choice, new RegExp(`"${kept}" selected=""`));
    assert.equal([...shown.text.matchAll(/class="error"/g)].length, 1);
  }
});

Deno.test("users change roles and are removed, except the last admin", async () => {
  await using pages = await testPages();
  const [admin, member] = [await pages.signedIn("admin"), await pages.signedIn("member")];
  const users = await pages.store.users.list();
  const id = (name: string) => users.find((user) => user.name === name)?.id ?? "";
  const own = await admin.post(`${PEOPLE}/${id("Ada")}/role`, { role: "member" });
  assert.deepEqual([own.status, /there is no other admin/.test(own.text)], [409, true]);
  await admin.post(`${PEOPLE}/${id("Max")}/role`, { role: "admin" });
  assert.equal((await member.get(PEOPLE)).status, 200, "the new role holds at once");
  assert.match((await admin.get(`${PEOPLE}/${id("Max")}/remove`)).text, /Remove Max\?/);
  await admin.post(`${PEOPLE}/${id("Max")}/remove`, {});
  assert.equal((await member.get(PEOPLE)).status, 303, "the session went too");
});

Deno.test("an admin sees when and from where the keys of a user were used, and revokes one", async () => {
  await using pages = await testPages();
  const [admin, member] = [await pages.signedIn("admin"), await pages.signedIn("member")];
  pages.clock.advance(1_000);
  await member.post(KEYS, { name: "laptop", kind: "personal" });
  pages.clock.advance(59_000);
  const max = (await pages.store.users.list()).find(({ name }) => name === "Max");
  const path = `${PEOPLE}/${max?.id}/keys`;
  assert.match((await admin.get(PEOPLE)).text, new RegExp(`href="${path}">2<`));

  const { text } = await admin.get(path);
  assert.match(text, /Keys of Max.*Max.*1 min ago.*192\.0\.2\.7.*laptop.*Never/s);
  assert.doesNotMatch(text, /Ada<\/strong>/);
  const revoke = /laptop.*href="(\/settings\/keys\/[^"]+\/revoke)"/s.exec(text)?.[1] ?? "";
  assert.match((await admin.get(revoke)).text, new RegExp(`href="${path}">Keys of Max<`));
  assert.equal((await admin.post(revoke, {})).location, `${path}?done=key_revoked`);
  const left = await admin.get(path);
  assert.deepEqual([left.text.includes("Max</strong>"), left.text.includes("laptop")], [
    true,
    false,
  ]);
  assert.equal((await admin.get(`${PEOPLE}/nobody/keys`)).status, 404);
  assert.equal((await member.get(path)).status, 403);
});
