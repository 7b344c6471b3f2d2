/** Rotation of the token in a session's cookie. */

import assert from "node:assert/strict";
import { ORIGIN, testPages } from "../../../fakes/control_plane/pages.ts";

const HOUR_MS = 3_600_000;
const RUNS = "/settings/agents/runs";

// Attacker: a cookie was copied from a browser whose owner keeps working.
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

Deno.test("a lost response with the next token does not sign the user out", async () => {
  await using pages = await testPages();
  const browser = await pages.signedIn("admin");
  const old = browser.cookie;
  pages.clock.advance(HOUR_MS);
  await browser.get(RUNS);
  const lost = browser.cookie;

  // The user repeats the request; so does the script of another page, which also submits a form.
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

// Attacker: a cookie was copied, and its thief keeps using it to get the next token too.
Deno.test("a replaced token gives no new one once its successor was used", async () => {
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

// Attacker: a copied cookie is used after its token was replaced twice.
Deno.test("a token that was replaced twice is invalid", async () => {
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

Deno.test("concurrent requests with a token that is due get the same next token", async () => {
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
