/** How long the token in a session's cookie holds, and what becomes of the one before. */

import assert from "node:assert/strict";
import { ORIGIN, testPages } from "../../../fakes/control_plane/pages.ts";

const HOUR_MS = 3_600_000;
const RUNS = "/settings/agents/runs";

// A cookie was copied from a browser whose owner goes on working.
Deno.test("a token is replaced each hour, and a use of the old one ends the session for both", async () => {
  await using pages = await testPages();
  const browser = await pages.signedIn("admin");
  const old = browser.cookie;
  pages.clock.advance(HOUR_MS);
  await browser.get(RUNS);
  assert.notEqual(browser.cookie, old);

  const other = pages.browser();
  other.cookie = old;
  assert.equal((await other.get(RUNS)).status, 200, "a request that was under way");
  pages.clock.advance(61_000);
  other.cookie = old;
  assert.equal((await other.get(RUNS)).status, 303);
  assert.equal((await browser.get(RUNS)).status, 303);
});

Deno.test("an answer with the next token that got lost signs nobody out", async () => {
  await using pages = await testPages();
  const browser = await pages.signedIn("admin");
  const old = browser.cookie;
  pages.clock.advance(HOUR_MS);
  await browser.get(RUNS);
  const lost = browser.cookie;

  // The reader asks again; so does the script of another page, and a form is sent from it.
  for (const ask of [() => browser.get(RUNS), () => browser.get(RUNS, { "x-refresh": "1" })]) {
    browser.cookie = old;
    await ask();
    assert.equal(browser.cookie, lost, "the same, whichever answer comes last");
  }
  browser.cookie = old;
  await browser.post(`${RUNS}/none/cancel`, {});
  assert.equal(browser.cookie, lost);
  pages.clock.advance(2 * HOUR_MS);
  assert.equal((await browser.get(RUNS)).status, 200);
});

// A cookie was copied; its thief asks with it all the time, to be told the next one too.
Deno.test("a replaced token is worth no other one once that one was used", async () => {
  await using pages = await testPages();
  const browser = await pages.signedIn("admin");
  const thief = pages.browser();
  thief.cookie = browser.cookie;
  pages.clock.advance(HOUR_MS);
  await browser.get(RUNS);
  pages.clock.advance(1_000);
  await browser.get(RUNS);
  const { headers, status } = await thief.get(RUNS);
  assert.deepEqual([status, headers.get("set-cookie")], [200, null]);
  pages.clock.advance(60_000);
  assert.equal((await thief.get(RUNS)).status, 303);
  assert.equal((await browser.get(RUNS)).status, 303);
});

// A cookie was copied; its thief comes with it when it was replaced twice.
Deno.test("a token that was replaced twice is worth nothing", async () => {
  await using pages = await testPages();
  const browser = await pages.signedIn("admin");
  const thief = pages.browser();
  thief.cookie = browser.cookie;
  pages.clock.advance(HOUR_MS);
  await browser.get(RUNS);
  pages.clock.advance(HOUR_MS);
  await browser.get(RUNS);
  const { headers, status } = await thief.get(RUNS);
  assert.deepEqual([status, headers.get("set-cookie")], [303, null]);
});

Deno.test("requests that come with a token at the moment it is due get the same next one", async () => {
  await using pages = await testPages();
  const browser = await pages.signedIn("admin");
  pages.clock.advance(HOUR_MS);
  const { cookie } = browser;
  const answers = await Promise.all(Array.from({ length: 5 }, async () => {
    const answer = await pages.fetch(new Request(`${ORIGIN}${RUNS}`, { headers: { cookie } }));
    await answer.body?.cancel();
    return answer.headers.get("set-cookie")?.split(";")[0];
  }));
  const [next] = answers;
  assert.deepEqual([new Set(answers).size, next === cookie], [1, false]);
});
