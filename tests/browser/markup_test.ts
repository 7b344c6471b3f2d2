/** Markup in every text that users can write, and every page that shows it. */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { AGENTS, signIn } from "./support/account.ts";
import { reportEnd, type ServedPlane, servedPlane } from "../harness/pages/served_plane.ts";
import { browserTest } from "./support/chromium.ts";

const SCRIPT =
  `"'></title></textarea><script>window.hit=1</script><img src=x onerror="window.hit=2">`;
const TEXT_FIELDS = "input:not([type]), input[type=text], input[type=password], textarea";

/** Types the text into each text field of each form of the page and submits it; returns the fields' names. */
async function sendEverywhere(page: Page, url: string): Promise<readonly string[]> {
  await page.goto(url);
  const names: string[] = [];
  const forms = await page.locator("main form").count();
  for (let n = 0; n < forms; n++) {
    await page.goto(url);
    const form = page.locator("main form").nth(n);
    const fields = await form.locator(TEXT_FIELDS).filter({ visible: true }).all();
    if (fields.length === 0) continue;
    for (const field of fields) {
      names.push(await field.getAttribute("name") ?? "");
      await field.fill(SCRIPT);
    }
    const loaded = page.waitForEvent("load");
    // Skips the browser's own validation, which an attacker can also skip.
    await page.evaluate(`document.querySelectorAll("main form")[${n}].submit()`);
    await loaded;
    await requireHarmless(page, `${url}, sent`);
  }
  return names;
}

/** Asserts that the text did not run, and did not become an element, which only the policy would stop. */
async function requireHarmless(page: Page, where: string): Promise<void> {
  const found = await page.evaluate("[window.hit, document.images.length]");
  assert.deepEqual(found, [undefined, 0], where);
}

/** Texts that come from a host, an agent or another admin. */
async function spread(plane: ServedPlane): Promise<readonly string[]> {
  await plane.addHost("h-1");
  const complaint = { at: new Date(0).toISOString(), message: SCRIPT };
  await plane.heartbeat("h-1", { complaint }, SCRIPT);
  const job = await plane.addJob({ name: SCRIPT });
  const { run } = await plane.store.runs.trigger(job.id, { source: "manual" }, { name: SCRIPT });
  await reportEnd(plane, run.id, {
    status: "failed",
    reason: "exit_nonzero",
    message: SCRIPT,
    connections: [
      { connector: SCRIPT, name: SCRIPT, status: "failed", errors: [SCRIPT], log: SCRIPT },
    ],
  });
  const { id } = await plane.store.users.add({ name: `${SCRIPT}2`, role: "member", keyHash: "" }, {
    name: SCRIPT,
  });
  const hash = encodeURIComponent(SCRIPT);
  return [
    ...["/hosts", "/hosts/h-1", "/hosts/h-1/remove", `/hosts/${hash}?done=${hash}`, `/${hash}`],
    ...["/jobs", `/jobs/${job.id}`, `/jobs/${job.id}/edit`, `/jobs/${job.id}/delete`],
    ...["/runs", `/runs/${run.id}`, `/runs?job=${hash}`],
    ...[`/runs?host=${hash}`, `/jobs?host=${hash}`],
    ...["/../people", `/../people/${id}/keys`, "/../keys", "/../audit", `/../audit?actor=${hash}`],
  ];
}

// Attacker: an admin, or a compromised agent, writes markup into every text that others see.
browserTest("no text becomes a script, in any field and on any page", async (windows) => {
  await using plane = await servedPlane();
  const page = await windows.open();
  const agents = `${plane.url}${AGENTS}`;
  const sent = new Set(await sendEverywhere(page, `${plane.url}/sign-in`));
  await signIn(page, plane);
  const pages = await spread(plane);
  const forms = [
    "/jobs/new?every=cron",
    "/jobs/new?every=hour",
    "/jobs/new?agent_type=datahealth",
    ...pages,
  ];
  for (const path of forms) {
    for (const name of await sendEverywhere(page, new URL(`${agents}${path}`).href)) sent.add(name);
  }
  assert.deepEqual([...sent].toSorted(), [
    "actor",
    "command",
    "connection_name",
    "connectors",
    "cron",
    "file_name",
    "key",
    "minute",
    "name",
    "run_limit",
    "time_zone",
  ]);
  assert.ok((await plane.store.users.list()).some(({ name }) => name === SCRIPT), "it was taken");
  for (const path of pages) {
    await page.goto(new URL(`${agents}${path}`).href);
    await requireHarmless(page, path);
  }
  assert.deepEqual(windows.consoleErrors, []);

  // Even if a text became markup, the policy would keep it from running.
  const isRun = await page.evaluate(`
    const script = document.createElement("script");
    try { script.textContent = "window.hit = 3"; document.body.append(script); } catch {}
    window.hit`);
  assert.equal(isRun, undefined);
});
