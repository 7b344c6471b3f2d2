/** A form that is refused keeps what was typed. */

import assert from "node:assert/strict";
import { databaseBusy } from "../../../../lib/problems/database.ts";
import { MACHINE } from "../../../../control_plane/store/mod.ts";
import { wordsOf } from "../../../fakes/control_plane/html.ts";
import {
  type Browser,
  ORIGIN,
  type Shown,
  type TestPages,
  testPages,
} from "../../../fakes/control_plane/pages.ts";

const JOBS = "/settings/agents/jobs";
const TYPED = {
  name: "typed & kept",
  host_id: "h-1",
  agent_type: "lineage",
  connectors: "snowflake",
  intent: "save",
};
const HOUR_MS = 3_600_000;

/** Returns the fields of the page's form that were typed. */
function typedIn({ text }: Shown): Record<string, string | undefined> {
  const value = (name: string) =>
    new RegExp(`<input[^>]* name="${name}" value="([^"]*)"`).exec(text)?.[1];
  return { name: value("name"), connectors: value("connectors") };
}

const KEPT = { name: "typed &amp; kept", connectors: "snowflake" };

/** Returns the page's error as a screen reader announces it. */
const saidBy = ({ text }: Shown): string =>
  wordsOf(/role="alert">.*?<\/svg><div>(.*?)<\/div>/s.exec(text)?.[1] ?? "");

const sentIn = ({ text }: Shown): string =>
  (/name="sent" value="([^"]*)"/.exec(text)?.[1] ?? "").replaceAll("&amp;", "&");

async function jobNames(pages: TestPages): Promise<readonly string[]> {
  return (await pages.store.jobs.list({ limit: 9 })).jobs.map(({ name }) => name);
}

Deno.test("a form whose session has ended is shown again after the sign-in, as it was typed", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const { id } = await pages.addJob();
  for (const path of [`${JOBS}/new`, `${JOBS}/${id}/edit`]) {
    const browser = await pages.signedIn("admin");
    await browser.get(path);
    pages.clock.advance(13 * HOUR_MS);
    const over = await browser.post(path, { ...TYPED, version: "1" });
    assert.equal(over.status, 401);
    assert.match(over.text, /Your session has ended, and the form was not saved/);
    assert.match(over.text, new RegExp(`name="next" value="${path}"`));

    const wrong = await browser.post("/sign-in", { key: "?", next: path, sent: sentIn(over) });
    assert.deepEqual([wrong.status, sentIn(wrong)], [401, sentIn(over)]);
    const { admin: key } = pages.keys;
    const signedIn = await browser.post("/sign-in", { key, next: path, sent: sentIn(over) });
    // With 307 the browser sends the same fields there by POST.
    assert.deepEqual([signedIn.status, signedIn.location], [307, path]);
    const back = await browser.post(path, { key, next: path, sent: sentIn(over) });
    assert.equal(back.status, 403);
    assert.equal(
      saidBy(back),
      "Cannot accept this form: it was opened in another session. Check the values and submit the form again.",
    );
    assert.deepEqual(typedIn(back), KEPT);
    assert.equal(back.text.includes(key), false);
    assert.equal((await browser.post(path, { ...TYPED, version: "1" })).status, 303);
  }
  assert.deepEqual(await jobNames(pages), ["typed & kept", "typed & kept"]);
});

// The sign-in page submits the kept form once more, encoded twice.
Deno.test("a form that is too long for the sign-in page is not kept, and the page says what to do", async () => {
  await using pages = await testPages();
  const browser = pages.browser();
  const kept = await browser.post(`${JOBS}/new`, { name: "+".repeat(7_000) });
  const key = { key: pages.keys.admin };
  const signedIn = await browser.post("/sign-in", { ...key, next: JOBS, sent: sentIn(kept) });
  assert.deepEqual([kept.status, signedIn.status], [401, 307]);
  const { status, text } = await pages.browser().post(`${JOBS}/new`, { name: "+".repeat(20_000) });
  assert.equal(status, 413);
  assert.match(text, /Cannot keep this form while you sign in: it is too long\./);
  assert.match(text, /Sign in in another window, then come back here and submit the form again\./);
});

Deno.test("after the sign-in, a button without fields leads back to its page", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const { id } = await pages.addJob();
  const browser = pages.browser();
  const next = `${JOBS}?host=h-1`;
  const { status, location } = await browser.post(`${JOBS}/${id}/runs`, {}, {
    referer: `${ORIGIN}${next}`,
  });
  assert.deepEqual([status, location], [303, `/sign-in?next=${encodeURIComponent(next)}`]);
});

// Attacker: another site submits a crafted form, so that a user finds it after the sign-in and saves it.
Deno.test("a form of another origin is neither kept for the sign-in nor shown again", async () => {
  await using pages = await testPages();
  const origin = "https://evil.test";
  const headers = { origin, referer: `${origin}${JOBS}/new` };
  const outside = await pages.browser().post(`${JOBS}/new`, TYPED, headers);
  assert.deepEqual([outside.status, outside.location], [303, "/sign-in"]);
  const inside = await (await pages.signedIn("admin")).post(`${JOBS}/new`, TYPED, headers);
  assert.deepEqual([inside.status, typedIn(inside)], [403, {
    name: undefined,
    connectors: undefined,
  }]);
});

// Attacker: a link makes an admin open the sign-in page with a prepared form.
Deno.test("a kept form takes effect only when it is submitted again", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const browser = await pages.signedIn("admin");
  const sent = new URLSearchParams({ ...TYPED, _token: "of-another-session" }).toString();
  // The form also contains the page's own token.
  assert.equal((await browser.post(`${JOBS}/new`, { sent })).status, 403);
  assert.deepEqual(await jobNames(pages), []);
});

async function outdated(pages: TestPages): Promise<{ browser: Browser; token: string }> {
  const browser = await pages.signedIn("admin");
  const { text } = await browser.get("/settings/keys");
  const token = /_token" value="([^"]+)/.exec(text)?.[1] ?? "";
  await browser.signIn(pages.keys.admin);
  return { browser, token };
}

Deno.test("a form of an earlier session changes nothing, is shown again, and works when submitted again", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const job = await pages.addJob();
  const forms: [path: string, fields: Record<string, string>, shown: RegExp][] = [
    [`${JOBS}/new`, TYPED, /<h1>Create job<\/h1>/],
    [`${JOBS}/${job.id}/edit`, { ...TYPED, version: "1" }, /<h1>Edit nightly<\/h1>/],
    ["/settings/keys", { name: TYPED.name, kind: "personal" }, /<h1>API keys<\/h1>/],
    ["/settings/people", { name: TYPED.name, role: "member" }, /<h1>People<\/h1>/],
  ];
  for (const [path, fields, heading] of forms) {
    const { browser, token } = await outdated(pages);
    const shown = await browser.post(path, { ...fields, _token: token });
    assert.equal(shown.status, 403, path);
    assert.match(shown.text, heading);
    assert.match(
      saidBy(shown),
      /it was opened in another session\. Check the values and submit the form again/,
    );
    assert.equal(typedIn(shown).name, KEPT.name, path);
    assert.ok((await browser.post(path, fields)).status < 400, path);
  }
  assert.deepEqual(await jobNames(pages), [TYPED.name, TYPED.name]);
});

Deno.test("a choice in a form of an earlier session shows its fields", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const { browser, token } = await outdated(pages);
  const chosen = { ...TYPED, agent_type: "datahealth", intent: "swap", _token: token };
  const { text } = await browser.post(`${JOBS}/new`, chosen);
  assert.match(text, /<input id="file_name"/);
});

Deno.test("every refusal of a job is shown above the form, with its status", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const job = await pages.addJob();
  const browser = await pages.signedIn("admin");
  const { create, update } = pages.store.jobs;
  const busy = () => Promise.reject(databaseBusy(undefined));
  Object.assign(pages.store.jobs, { create: busy, update: busy });
  for (const path of [`${JOBS}/new`, `${JOBS}/${job.id}/edit`]) {
    const shown = await browser.post(path, { ...TYPED, version: "1" });
    assert.equal(shown.status, 503);
    assert.match(
      saidBy(shown),
      /^Cannot save anything: the rows are locked by another transaction.*\.$/,
    );
    assert.deepEqual(typedIn(shown), KEPT);
  }
  assert.deepEqual(pages.complaints, ["warn requests fail: storage_busy"]);
  Object.assign(pages.store.jobs, { create, update });
  assert.equal((await browser.post(`${JOBS}/new`, TYPED)).status, 303);
});

Deno.test("a job that was deleted while it was edited can be created from what was typed", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const { id } = await pages.addJob({
    agent_type: "datahealth",
    parameters: { file_name: "a.json" },
  });
  const browser = await pages.signedIn("admin");
  const { text } = await browser.get(`${JOBS}/${id}/edit`);
  assert.match(text, /<input type="hidden" name="agent_type" value="datahealth"/);
  await pages.store.jobs.remove(id, MACHINE);
  const shown = await browser.post(`${JOBS}/${id}/edit`, {
    name: TYPED.name,
    agent_type: "datahealth",
    file_name: "b.json",
    version: "1",
  });
  assert.equal(shown.status, 404);
  assert.equal(saidBy(shown), `Cannot find job "${id}". It may have been deleted.`);
  assert.match(shown.text, new RegExp(`<form method="post" action="${JOBS}/new" class="job-form"`));
  assert.match(shown.text, /<input id="file_name" name="file_name" value="b\.json"/);
});

Deno.test("a form over the rate limit stays on its page", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const browser = await pages.signedIn("admin");
  const { cookie } = browser;
  const ask = () =>
    pages.fetch(new Request(`${ORIGIN}/events`, { method: "HEAD", headers: { cookie } }));
  for (let n = 0; n < 2_000; n++) await ask();
  const shown = await browser.post(`${JOBS}/new`, TYPED);
  assert.deepEqual([shown.status, typedIn(shown)], [429, KEPT]);
  assert.equal((await browser.get(`${JOBS}/new`)).status, 429);
  assert.match(saidBy(shown), /this API key has sent too many requests/);
  pages.clock.advance(1_000);
  assert.equal((await browser.post(`${JOBS}/new`, TYPED)).status, 303);
});

Deno.test("if the form cannot be shown again either, the page shows the original problem", async () => {
  await using pages = await testPages();
  const browser = await pages.signedIn("admin");
  const away = () => Promise.reject(databaseBusy(undefined));
  Object.assign(pages.store.jobs, { create: away });
  Object.assign(pages.store.hosts, { list: away });
  const { status, text } = await browser.post(`${JOBS}/new`, TYPED);
  assert.deepEqual([status, /Something went wrong/.test(text)], [503, true]);
});

Deno.test("the browser may restore what was typed when the user goes back to a form", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const browser = await pages.signedIn("admin");
  for (const path of [`${JOBS}/new?every=cron`, "/settings/keys", "/settings/people"]) {
    assert.doesNotMatch((await browser.get(path)).text, /autocomplete="off"/, path);
  }
});
