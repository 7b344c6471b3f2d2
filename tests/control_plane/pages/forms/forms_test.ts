/** Forms: origin and session checks, and double submission. */

import assert from "node:assert/strict";
import { MACHINE } from "../../../../control_plane/store/mod.ts";
import { type Browser, ORIGIN, testPages } from "../../../fakes/control_plane/pages.ts";

const JOBS = "/settings/agents/jobs";
const NEW_JOB = { name: "n", host_id: "h-1", agent_type: "lineage", connectors: "snowflake" };

async function refused(browser: Browser, headers: Record<string, string>, token?: string) {
  const fields = { ...NEW_JOB, ...(token === undefined ? {} : { _token: token }) };
  return (await browser.post(`${JOBS}/new`, fields, headers)).status;
}

// Attacker: a page of another site, or one that was injected into plain HTTP on the way, submits a form with
// the cookies of a signed-in user.
Deno.test("a form of another origin, of another session, or of none is refused", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const browser = await pages.signedIn("admin");
  const other = await pages.signedIn("admin");
  const otherToken = /_token" value="([^"]+)/.exec((await other.get(JOBS)).text)?.[1];
  assert.deepEqual([
    await refused(browser, { origin: "https://evil.test" }),
    await refused(browser, { origin: "null" }),
    await refused(browser, { origin: `${ORIGIN}:444` }),
    await refused(browser, { origin: ORIGIN.replace("https", "http") }),
    await refused(browser, { "sec-fetch-site": "cross-site" }),
    await refused(browser, {}, ""),
    await refused(browser, {}, otherToken),
  ], Array(7).fill(403));
  assert.deepEqual((await pages.store.jobs.list({ limit: 9 })).jobs, []);
  assert.equal((await browser.post(`${JOBS}/new`, NEW_JOB)).status, 303);
});

Deno.test("Run now submitted twice starts one run; during an active run the error page links to that run", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const job = await pages.addJob();
  const browser = await pages.signedIn("admin");
  const first = await browser.post(`${JOBS}/${job.id}/runs`, { after: "none" });
  const again = await browser.post(`${JOBS}/${job.id}/runs`, { after: "none" });
  assert.equal(first.location, again.location);
  const { status, text } = await browser.post(`${JOBS}/${job.id}/runs`, { after: "x" });
  assert.deepEqual([status, /Open the active run/.test(text)], [409, true]);
  assert.match((await browser.get(`${JOBS}/${job.id}/delete`)).text, /Cancel the run/);
  assert.equal((await browser.post(`${JOBS}/${job.id}/delete`, { version: "1" })).status, 409);
});

const idIn = (text: string, before = ""): string =>
  new RegExp(`${before}.*?name="new_id" value="([0-9a-f-]{36})"`, "s").exec(text)?.[1] ?? "none";

Deno.test("a form submitted twice creates one job", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const browser = await pages.signedIn("admin");
  const id = idIn((await browser.get(`${JOBS}/new`)).text);
  // A changed choice and a validation error in between do not make it another form.
  for (const fields of [{ intent: "swap" }, { name: "" }]) {
    assert.equal(
      idIn((await browser.post(`${JOBS}/new`, { ...NEW_JOB, ...fields, new_id: id })).text),
      id,
    );
  }
  const sent = [1, 2].map(() => browser.post(`${JOBS}/new`, { ...NEW_JOB, new_id: id }));
  for (const { status, location } of await Promise.all(sent)) {
    assert.deepEqual([status, location], [303, `${JOBS}/${id}?done=job_created`]);
  }
  const { jobs } = await pages.store.jobs.list({ limit: 9 });
  assert.deepEqual(jobs.map((job) => job.id), [id]);
  const { entries } = await pages.store.audit.list({ limit: 9, action: "job.create" });
  assert.equal(entries.length, 1);
});

Deno.test("a form that has created a job and is changed creates a second job after a confirmation", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const browser = await pages.signedIn("admin");
  const id = idIn((await browser.get(`${JOBS}/new`)).text);
  await browser.post(`${JOBS}/new`, { ...NEW_JOB, new_id: id });
  const other = { ...NEW_JOB, name: "other" };
  const { status, text } = await browser.post(`${JOBS}/new`, { ...other, new_id: id });
  assert.equal(status, 409);
  assert.match(text, /this form has already created job &quot;n&quot;/);
  assert.match(text, /name="name" value="other"/);
  assert.equal((await browser.post(`${JOBS}/new`, { ...other, new_id: idIn(text) })).status, 303);
  const { jobs } = await pages.store.jobs.list({ limit: 9 });
  assert.deepEqual(jobs.map(({ name }) => name), ["n", "other"]);
});

Deno.test("a form submitted twice creates one key, and the second answer says what to do if the key was not copied", async () => {
  await using pages = await testPages();
  const browser = await pages.signedIn("admin");
  const { text } = await browser.get("/settings/keys");
  for (const [kind, before] of [["personal", "Your keys"], ["agent", "Account keys"]]) {
    const key = { name: "made once", kind: kind ?? "", new_id: idIn(text, before) };
    assert.match((await browser.post("/settings/keys", key)).text, /Copy the key now/);
    const again = await browser.post("/settings/keys", key);
    assert.equal(again.status, 409);
    assert.match(again.text, /was shown once.*revoke it and create another one/s);
    assert.notEqual(idIn(again.text, before), key.new_id);
    const scope = kind === "personal" ? "personal" : "account";
    const keys = await pages.store.keys.list(scope);
    assert.equal(keys.filter(({ name }) => name === "made once").length, 1);
  }
});

// Attacker: a user sends a crafted id, which would appear in addresses and texts of other users.
Deno.test("an id in a form is ignored unless it is a UUID", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const browser = await pages.signedIn("admin");
  for (const id of ["new", "", "../../runs", "0".repeat(36), `${crypto.randomUUID()}x`]) {
    const { status, location } = await browser.post(`${JOBS}/new`, { ...NEW_JOB, new_id: id });
    assert.equal(status, 303);
    assert.match(location ?? "", /\/jobs\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\?/);
    assert.equal(
      (await browser.post("/settings/keys", { name: "k", kind: "agent", new_id: id })).status,
      200,
    );
  }
});

Deno.test("Run now on an outdated page queues the next run", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const job = await pages.addJob();
  const browser = await pages.signedIn("admin");
  const runs = new Set<string>();
  for (let clicks = 0; clicks < 3; clicks++) {
    const { location } = await browser.post(`${JOBS}/${job.id}/runs`, { after: "none" });
    const id = /runs\/([^?]+)/.exec(location ?? "")?.[1] ?? "";
    await pages.store.runs.cancel(id, MACHINE);
    runs.add(id);
  }
  assert.equal(runs.size, 3);
});

Deno.test("a job that changed after the confirmation page was shown is not deleted", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const job = await pages.addJob();
  const browser = await pages.signedIn("admin");
  const path = `${JOBS}/${job.id}/delete`;
  assert.match((await browser.get(path)).text, /name="version" value="1"/);
  const changed = { ...NEW_JOB, name: "renamed", version: "1" };
  assert.equal((await browser.post(`${JOBS}/${job.id}/edit`, changed)).status, 303);
  const { status, text } = await browser.post(path, { version: "1" });
  assert.equal(status, 412);
  assert.match(text, /This job was changed after you opened this page/);
  assert.match(text, /name="version" value="2"/);
  assert.equal((await browser.post(path, { version: "2" })).status, 303);
  await assert.rejects(pages.store.jobs.get(job.id), { code: "job_not_found" });
});
