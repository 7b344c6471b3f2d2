/** Keys in the pages: creating, revoking, last use. */

import assert from "node:assert/strict";
import { testPages } from "../../../fakes/control_plane/pages.ts";

const PEOPLE = "/settings/people";
const KEYS = "/settings/keys";

const keyIn = (text: string): string => /bigeye_[pai]ak_[\w-]{43}/.exec(text)?.[0] ?? "none";

Deno.test("a revoked key ends the session that it began", async () => {
  await using pages = await testPages();
  const member = await pages.signedIn("member");
  const { text } = await member.get(KEYS);
  const revoke = /href="(\/settings\/keys\/[^"]+\/revoke)"/.exec(text)?.[1] ?? "";
  assert.match((await member.get(revoke)).text, /signed out/);
  await member.post(revoke, {});
  assert.equal((await member.get(KEYS)).status, 303);
});

Deno.test("using the pages updates the last use of the key, at most once a minute", async () => {
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
  assert.deepEqual(await used(), since, "the script of an open page does not use the key");
  await away.get(KEYS);
  assert.deepEqual(await used(), ["2026-01-01T00:01:00.000Z", "198.51.100.9"]);
});

// Attacker: a member requests the addresses of admin pages, and the id of another user's key.
Deno.test("a member creates and revokes only their own keys, and sees neither people nor the audit list", async () => {
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
