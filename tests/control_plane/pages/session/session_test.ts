/** Sessions: sign-in, expiry, cookies, limits. */

import assert from "node:assert/strict";
import { ORIGIN, testPages } from "../../../fakes/control_plane/pages.ts";

const HOUR_MS = 3_600_000;
const RUNS = "/settings/agents/runs";

Deno.test("a personal key opens a session, whose cookie scripts and other sites cannot read", async () => {
  await using pages = await testPages();
  const browser = pages.browser();
  const answer = await browser.signIn(pages.keys.member);
  assert.deepEqual([answer.status, answer.location], [303, "/settings/agents/hosts"]);
  const cookie = answer.headers.get("set-cookie") ?? "";
  assert.match(
    cookie,
    /^__Host-bigeye_session=[\w-]{43}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Lax; Secure$/,
  );
  assert.equal((await browser.get(RUNS)).status, 200);
});

Deno.test("without HTTPS the cookie is not Secure, because the browser would drop it", async () => {
  await using pages = await testPages();
  const request = new Request("http://bigeye.test/sign-in", {
    method: "POST",
    body: new URLSearchParams({ key: pages.keys.admin }),
    headers: { origin: "http://bigeye.test" },
  });
  const cookie = (await pages.fetch(request)).headers.get("set-cookie") ?? "";
  assert.match(
    cookie,
    /^bigeye_session=[\w-]{43}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Lax$/,
  );
});

Deno.test("without a session a page leads to the sign-in, and back to the page afterwards", async () => {
  await using pages = await testPages();
  const browser = pages.browser();
  const { location } = await browser.get(`${RUNS}?status=failed`);
  assert.equal(location, `/sign-in?next=${encodeURIComponent(`${RUNS}?status=failed`)}`);
  const next = `${RUNS}?status=failed`;
  const { location: after } = await browser.post("/sign-in", { key: pages.keys.admin, next });
  assert.equal(after, next);
});

// Attacker: a link to our sign-in page that redirects to a look-alike site.
Deno.test("the sign-in does not redirect to another site", async () => {
  await using pages = await testPages();
  for (
    const next of [
      "https://evil.test/",
      "//evil.test",
      "/\\evil.test",
      "/\t/evil.test",
      "/.//evil.test",
      "/away/..//evil.test",
      "javascript:x",
    ]
  ) {
    const { location } = await pages.browser().post("/sign-in", { key: pages.keys.admin, next });
    assert.equal(new URL(location ?? "", ORIGIN).origin, ORIGIN, next);
  }
});

// Attacker: a thief of an agent's key, or a client without a key, tries to sign in.
Deno.test("other kinds of keys cannot sign in, and after ten wrong keys the network must wait", async () => {
  await using pages = await testPages();
  const browser = pages.browser("198.51.100.9");
  for (const key of [pages.keys.agent, "", "bigeye_pak_wrong"]) {
    const { status, text } = await browser.signIn(key);
    assert.equal(status, 401);
    assert.match(text, /Cannot sign you in: this is not a Personal API Key of the account/);
  }
  for (let n = 3; n < 10; n++) await browser.signIn("wrong");
  assert.equal((await browser.signIn("wrong")).status, 429);
  assert.equal((await pages.browser("203.0.113.5").signIn("wrong")).status, 401);
  pages.clock.advance(60_000);
  assert.equal((await browser.signIn("wrong")).status, 401);
});

// Attacker: a client keeps sending wrong keys. Behind a proxy it has the same address as all users.
Deno.test("wrong keys do not lock out users with a valid key", async () => {
  await using pages = await testPages();
  const stranger = pages.browser("198.51.100.9");
  for (let n = 0; n < 20; n++) await stranger.signIn("wrong");
  assert.equal((await pages.browser("198.51.100.9").signIn(pages.keys.admin)).status, 303);
});

// Attacker: a cookie was copied from a browser, whose owner signs out.
Deno.test("a cookie is invalid after the sign-out", async () => {
  await using pages = await testPages();
  const browser = await pages.signedIn("admin");
  const stolen = browser.cookie;
  const { location, headers } = await browser.post("/sign-out", {});
  assert.equal(location, "/sign-in?done=signed_out");
  assert.match(headers.get("set-cookie") ?? "", /session=; Path=\/; Max-Age=0/);
  const thief = pages.browser();
  thief.cookie = stolen;
  assert.equal((await thief.get(RUNS)).status, 303);
});

Deno.test("a session ends after 12 idle hours, and after 7 days in any case", async () => {
  await using pages = await testPages();
  const [idle, busy] = [await pages.signedIn("admin"), await pages.signedIn("member")];
  for (let hours = 0; hours < 13; hours++) {
    pages.clock.advance(HOUR_MS);
    assert.equal((await busy.get(RUNS)).status, 200);
  }
  assert.equal((await idle.get(RUNS)).status, 303);
  for (let hours = 13; hours < 7 * 24; hours++) {
    pages.clock.advance(HOUR_MS);
    await busy.get(RUNS);
  }
  pages.clock.advance(HOUR_MS);
  assert.equal((await busy.get(RUNS)).status, 303);
});

Deno.test("requests of an open page's script do not reset the idle timeout", async () => {
  await using pages = await testPages();
  const browser = await pages.signedIn("admin");
  for (let hours = 0; hours < 13; hours++) {
    pages.clock.advance(HOUR_MS);
    await browser.get(RUNS, { "x-refresh": "1" });
  }
  assert.equal((await browser.get(RUNS)).status, 303);
});

Deno.test("a sign-in always creates a new token", async () => {
  await using pages = await testPages();
  const browser = pages.browser();
  browser.cookie = "__Host-bigeye_session=planted";
  await browser.signIn(pages.keys.admin);
  assert.notEqual(browser.cookie, "__Host-bigeye_session=planted");
});

// Attacker: a member's script keeps signing in. Each session is a row and may have sixteen streams.
Deno.test("a key has twenty sessions; one more ends the one used least recently", async () => {
  await using pages = await testPages();
  const [unused, admin] = [await pages.signedIn("member"), await pages.signedIn("admin")];
  pages.clock.advance(60_000);
  const used = [];
  for (let n = 0; n < 20; n++) used.push(await pages.signedIn("member"));
  assert.equal((await unused.get(RUNS)).status, 303);
  for (const browser of [admin, ...used]) assert.equal((await browser.get(RUNS)).status, 200);
});

// Attacker: a member's script keeps requesting pages in two sessions.
Deno.test("the sessions of a key may send 2,000 requests at once, then 100 a second", async () => {
  await using pages = await testPages();
  const [one, other] = [await pages.signedIn("member"), await pages.signedIn("member")];
  const { cookie } = one;
  const ask = async () => {
    const request = new Request(`${ORIGIN}/events`, { method: "HEAD", headers: { cookie } });
    return (await pages.fetch(request)).status;
  };
  pages.clock.advance(1_000);
  for (let n = 0; n < 2_000; n++) assert.equal(await ask(), 200);
  const { status, text } = await other.get(RUNS);
  assert.equal(status, 429);
  assert.match(text, /Cannot answer: this API key has sent too many requests/);
  assert.equal((await (await pages.signedIn("admin")).get(RUNS)).status, 200);
  pages.clock.advance(1_000);
  assert.equal((await other.get(RUNS)).status, 200);
});

// Attacker: a client sends hundreds of wrong keys at once, to keep the database busy.
Deno.test("most keys of a flood of wrong ones are not looked up, and a valid one is admitted after it", async () => {
  await using pages = await testPages();
  const stranger = pages.browser("198.51.100.9");
  for (let n = 0; n < 10; n++) await stranger.signIn("wrong");
  const { accounts } = pages.store;
  const looked = accounts.useKey;
  let [lookups, atOnce, mostAtOnce, answered] = [0, 0, 0, 0];
  const database = Promise.withResolvers<void>();
  Object.assign(accounts, {
    async useKey(...key: Parameters<typeof looked>) {
      lookups++;
      mostAtOnce = Math.max(mostAtOnce, ++atOnce);
      await database.promise;
      atOnce--;
      return await looked(...key);
    },
  });
  const attempt = async () => {
    const { status } = await pages.browser("198.51.100.9").signIn("wrong");
    if (++answered === 100) database.resolve();
    return status;
  };
  const attempts = [];
  for (let n = 0; n < 300; n++) {
    attempts.push(attempt());
    // Lets its form be read, because a network has only a few unread forms.
    await new Promise((resolve) => setTimeout(resolve));
  }
  const flood = await Promise.all(attempts);
  assert.deepEqual([...new Set(flood)], [429]);
  assert.deepEqual([lookups, mostAtOnce], [200, 1]);
  assert.equal((await pages.browser("198.51.100.9").signIn(pages.keys.admin)).status, 303);
});
