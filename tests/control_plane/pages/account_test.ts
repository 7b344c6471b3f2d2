/** People, keys and the audit list in the pages: made, shown once, revoked, written down. */

import assert from "node:assert/strict";
import { testPages } from "../../fakes/control_plane/pages.ts";
import { INSTALLATION } from "../../fakes/control_plane/plane.ts";

const PEOPLE = "/settings/people";
const KEYS = "/settings/keys";

const keyIn = (text: string): string => /bigeye_[pai]ak_[\w-]{43}/.exec(text)?.[0] ?? "none";

Deno.test("somebody is added with a key that is shown once and signs in", async () => {
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

Deno.test("a form that is refused keeps what was typed, with the fault beside its field", async () => {
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

Deno.test("a role is changed and somebody removed, but never the last admin", async () => {
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

Deno.test("a revoked key ends the session that it began", async () => {
  await using pages = await testPages();
  const member = await pages.signedIn("member");
  const { text } = await member.get(KEYS);
  const revoke = /href="(\/settings\/keys\/[^"]+\/revoke)"/.exec(text)?.[1] ?? "";
  assert.match((await member.get(revoke)).text, /signed out/);
  await member.post(revoke, {});
  assert.equal((await member.get(KEYS)).status, 303);
});

Deno.test("an admin sees whose keys were used when and from where, and revokes one", async () => {
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

Deno.test("using the pages is a use of the key that signed in, told at most once a minute", async () => {
  await using pages = await testPages();
  const member = await pages.signedIn("member");
  const away = pages.browser("198.51.100.9");
  away.cookie = member.cookie;
  const used = async () => {
    const keys = await pages.store.keys.list("personal");
    const { last_used_at, last_used_ip } = keys.find(({ name }) => name === "Max") ?? {};
    return [last_used_at, last_used_ip];
  };
  const since = await used();
  pages.clock.advance(59_000);
  await away.get(KEYS);
  assert.deepEqual(await used(), since);
  pages.clock.advance(1_000);
  await away.get(KEYS, { "x-refresh": "1" });
  assert.deepEqual(await used(), since, "the script of an open page is nobody");
  await away.get(KEYS);
  assert.deepEqual(await used(), ["2026-01-01T00:01:00.000Z", "198.51.100.9"]);
});

// A member types the addresses of what only admins are shown, and the id of somebody else's key.
Deno.test("a member makes and revokes only own keys, and sees neither people nor the audit list", async () => {
  await using pages = await testPages();
  const member = await pages.signedIn("member");
  const own = await member.post(KEYS, { name: "script", kind: "personal" });
  assert.match(keyIn(own.text), /^bigeye_pak_/);
  assert.equal((await member.post(KEYS, { name: "host", kind: "agent" })).status, 403);
  const before = await pages.store.keys.list("personal");
  const foreign = before.find(({ name }) => name === "Ada")?.id;
  const [account] = await pages.store.keys.list("account");
  for (const id of [foreign, account?.id]) {
    assert.equal((await member.get(`${KEYS}/${id}/revoke`)).status, 404);
    assert.equal((await member.post(`${KEYS}/${id}/revoke`, {})).status, 404);
  }
  for (const path of [PEOPLE, "/settings/audit", "/settings/audit/export?format=csv"]) {
    assert.equal((await member.get(path)).status, 403, path);
  }
  assert.equal((await member.post(PEOPLE, { name: "x", role: "admin" })).status, 403);
  assert.equal((await pages.store.keys.list("personal")).length, before.length);
});

Deno.test("what is done in the pages is in the audit list, with who and from where", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const admin = await pages.signedIn("admin");
  await admin.post("/settings/agents/jobs/new", {
    name: "audited",
    host_id: "h-1",
    agent_type: "lineage",
    connectors: "snowflake",
  });
  const { text } = await admin.get("/settings/audit?action=job.create");
  assert.match(text, /Created job <a href="[^"]+">audited<\/a>.*Ada.*192\.0\.2\.7/s);
  const file = await admin.get("/settings/audit/export?format=csv&action=job.create");
  assert.equal(file.headers.get("content-disposition"), 'attachment; filename="bigeye-audit.csv"');
  assert.match(file.text, /"Ada","job.create","job","audited"/);
});

Deno.test("a host tells what worries it, and is removed once nothing needs it", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const job = await pages.addJob();
  await pages.store.hosts.heartbeat("h-1", {
    installation_id: INSTALLATION,
    version: "1.0.0",
    active_runs: [],
    engine: "Docker 27",
    disk_free_bytes: 2 ** 31,
    clock_skew_ms: -65_000,
    complaint: { at: "2026-01-01T00:00:00.000Z", message: "cannot pull" },
  });
  const admin = await pages.signedIn("admin");
  const { text } = await admin.get("/settings/agents/hosts/h-1");
  for (const words of ["2.0 GiB", "1 min 5 s behind Bigeye&#39;s", "cannot pull", "Docker 27"]) {
    assert.ok(text.includes(words), words);
  }
  const remove = "/settings/agents/hosts/h-1/remove";
  assert.match((await admin.get(remove)).text, /Jobs use this host/);
  assert.equal((await admin.post(remove, {})).status, 409);
  await admin.post(`/settings/agents/jobs/${job.id}/delete`, { version: "1" });
  assert.match((await admin.get(remove)).text, /another one can use its id/);
  assert.equal((await admin.post(remove, {})).status, 303);
  assert.equal((await admin.get("/settings/agents/hosts/h-1")).status, 404);
});
