/**
 * Every page in light and dark, wide, medium and at 360 px: contrast AA, labels, names, nothing cut off. With
 * BIGEYE_SCREENSHOTS set to a folder, it stores screenshots of the main pages there, for docs/images.
 */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import check from "./support/appearance.js" with { type: "text" };
import { AGENTS, signIn } from "./support/account.ts";
import { busyAccount } from "../harness/pages/busy_account.ts";
import { browserTest } from "./support/chromium.ts";
import { servedPlane } from "../harness/pages/served_plane.ts";

const LOOKS = [
  { colorScheme: "light", width: 1200 },
  { colorScheme: "dark", width: 1200 },
  // Just wide enough for tables, which are cards on narrower screens.
  { colorScheme: "light", width: 1000 },
  { colorScheme: "light", width: 360 },
  { colorScheme: "dark", width: 360 },
] as const;

browserTest(
  "every page is accessible, light and dark, wide and narrow",
  async (windows) => {
    await using plane = await servedPlane();
    const empty = await windows.open();
    await signIn(empty, plane);
    const faults: string[] = (await empty.evaluate<string[]>(check)).map((fault) =>
      `empty: ${fault}`
    );

    const { jobs, failedRun, activeRun } = await busyAccount(plane);
    const [someone] = await plane.store.users.list();
    const pages: Readonly<Record<string, string>> = {
      hosts: "hosts",
      register: "hosts/new",
      host: "hosts/prod-agent-02",
      draining: "hosts/staging-agent-01",
      jobs: "jobs",
      create: "jobs/new",
      job: `jobs/${jobs[0].id}`,
      busy: `jobs/${jobs[2].id}`,
      edit: `jobs/${jobs[1].id}/edit`,
      delete: `jobs/${jobs[3].id}/delete`,
      runs: "runs",
      failed: `runs/${failedRun}`,
      active: `runs/${activeRun}`,
      cancel: `runs/${activeRun}/cancel`,
      missing: "runs/none",
      people: "../people",
      theirKeys: `../people/${someone?.id}/keys`,
      keys: "../keys",
      audit: "../audit",
    };
    for (const { colorScheme, width } of LOOKS) {
      const page = await windows.open({
        colorScheme,
        viewport: { width, height: width === 360 ? 740 : 700 },
      });
      await page.goto(`${plane.url}/sign-in`);
      faults.push(...(await page.evaluate<string[]>(check)).map((fault) => `sign-in: ${fault}`));
      await signIn(page, plane);
      for (const [name, path] of Object.entries(pages)) {
        await page.goto(new URL(`${AGENTS}/${path}`, plane.url).href);
        const found = await page.evaluate<string[]>(check);
        faults.push(...found.map((fault) => `${name}, ${colorScheme}, ${width}: ${fault}`));
        if (width === 1200) await photograph(page, `${name}-${colorScheme}`);
      }
    }
    assert.deepEqual(faults, []);
    assert.deepEqual(windows.consoleErrors, []);
  },
);

browserTest(
  "opened, submitted and refused forms are accessible, light and dark, wide and narrow",
  async (windows) => {
    await using plane = await servedPlane();
    const { jobs: [job] } = await busyAccount(plane);
    const [key] = await plane.store.keys.list("personal");
    const newJob = "jobs/new?every=cron";
    const faulty = { name: "", connectors: "--rm", run_limit: "soon", cron: "x" };
    const foreign = { version: "9", name: "By me", connectors: "dbt" };
    /** Words that identify a state, its page, and what is typed into the page's first form before it is sent. */
    const states: readonly (readonly [words: string, path: string, typed?: Typed])[] = [
      ["Next runs", "jobs/new?every=week"],
      ["Give the job a name", newJob, faulty],
      ["Choose at least one day", "jobs/new?every=week&agent_type=datahealth", { name: "n" }],
      ["the job was changed", `jobs/${job.id}/edit`, foreign],
      ["Copy the key now", "../keys", { name: "laptop" }],
      ["Revoke the key", `../keys/${key?.id}/revoke`],
      ["All keys and sessions", `../people/${key?.user_id}/remove`],
      ["Remove the host", "hosts/old-agent/remove"],
      ["Jobs use this host", "hosts/prod-agent-01/remove"],
      ["No jobs for host", "jobs?host=none"],
    ];
    const faults: string[] = [];
    for (const { colorScheme, width } of LOOKS) {
      const page = await windows.open({ colorScheme, viewport: { width, height: 740 } });
      await signIn(page, plane);
      for (const [words, path, typed] of states) {
        await page.goto(new URL(`${AGENTS}/${path}`, plane.url).href);
        if (typed) await send(page, typed);
        await page.getByText(words).first().waitFor();
        const found = await page.evaluate<string[]>(check);
        faults.push(...found.map((fault) => `${words}, ${colorScheme}, ${width}: ${fault}`));
      }
    }
    assert.deepEqual(faults, []);
    assert.deepEqual(windows.consoleErrors, []);
  },
);

type Typed = Readonly<Record<string, string>>;

/** Submits the first form without the browser's own validation. */
async function send(page: Page, typed: Typed): Promise<void> {
  const loaded = page.waitForEvent("load");
  await page.evaluate(`{
    const form = document.querySelector("main form");
    const typed = Object.entries(${JSON.stringify(typed)});
    for (const [name, value] of typed) form.elements[name].value = value;
    form.submit();
  }`);
  await loaded;
}

const PHOTOGRAPHED = new Set(["hosts", "host", "jobs", "create", "runs", "failed"]);

async function photograph(
  page: { screenshot(options: { path: string }): Promise<unknown> },
  name: string,
): Promise<void> {
  const folder = Deno.env.get("BIGEYE_SCREENSHOTS");
  if (!folder || !PHOTOGRAPHED.has(name.split("-")[0] ?? "")) return;
  await page.screenshot({ path: `${folder}/${name}.png` });
}

browserTest("the check finds each fault of a page", async (windows) => {
  const page = await windows.open();
  await page.setContent(`<p style="color: #999">pale</p><input name="n" id="n"><a href="/"></a>
    <dl style="width: 9rem"><dd style="width: 12rem">wide</dd></dl>`);
  const faults = await page.evaluate<string[]>(check);
  assert.deepEqual(faults.map((fault) => fault.split(":")[0]), [
    "contrast 2.85",
    "no label",
    "no name",
    "not one h1",
    "no language or title",
    "no main",
    "sticks out by 88",
  ]);
});

browserTest("a page can be used with the keyboard alone", async (windows) => {
  await using plane = await servedPlane();
  await busyAccount(plane);
  const page = await windows.open();
  await signIn(page, plane);
  await page.goto(`${plane.url}${AGENTS}/jobs`);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate("document.activeElement.textContent"), "Skip to content");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate("document.activeElement.textContent"), "Create job");
  const focused = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle");
  assert.equal(focused, "solid");
});
