/** How an open page follows changes: at once, announced to screen readers, and not while the user uses it. */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { patchedJob } from "../../control_plane/http/job_patch.ts";
import { AGENTS, signIn } from "./support/account.ts";
import { reportRunning, type ServedPlane, servedPlane } from "../harness/pages/served_plane.ts";
import { browserTest, type Windows } from "./support/chromium.ts";

const BY = { name: "test" };

async function openJobs(windows: Windows, plane: ServedPlane): Promise<Page> {
  const page = await windows.open();
  await signIn(page, plane);
  await page.goto(`${plane.url}${AGENTS}/jobs`);
  return page;
}

/** Resolves with the next refresh of the page. */
const nextLook = (page: Page) =>
  page.waitForResponse((answer) => answer.request().headers()["x-refresh"] !== undefined);

browserTest("the open page of a deleted job shows that it was deleted", async (windows) => {
  await using plane = await servedPlane();
  await plane.addHost("h-1");
  const { id } = await plane.addJob();
  const page = await openJobs(windows, plane);
  await page.getByRole("link", { name: "nightly", exact: true }).click();
  await page.getByText("No runs yet").waitFor();
  await plane.store.jobs.remove(id, BY);
  await page.getByRole("heading", { name: "Not found" }).waitFor();
  assert.deepEqual(windows.consoleErrors, []);
});

browserTest(
  "a selection on the page of a deleted job stays until it is released, and the page says why",
  async (windows) => {
    await using plane = await servedPlane();
    await plane.addHost("h-1");
    const { id } = await plane.addJob();
    const page = await openJobs(windows, plane);
    await page.getByRole("link", { name: "nightly", exact: true }).click();
    await page.getByText("No runs yet").waitFor();
    await page.evaluate("getSelection().selectAllChildren(document.querySelector('#job dl'))");
    await plane.store.jobs.remove(id, BY);
    const told = page.getByRole("alert");
    await told.waitFor();
    await nextLook(page);
    await nextLook(page);
    assert.deepEqual(
      [await told.allTextContents(), await page.getByText("No runs yet").count()],
      [["This was deleted. The page reloads when you stop editing."], 1],
    );
    await page.evaluate("getSelection().removeAllRanges()");
    await page.getByRole("heading", { name: "Not found" }).waitFor();
    assert.deepEqual(windows.consoleErrors, []);
  },
);

browserTest("a button that changes while it is pressed still gets the click", async (windows) => {
  await using plane = await servedPlane();
  await plane.addHost("h-1");
  await plane.addJob();
  const page = await openJobs(windows, plane);
  await page.getByRole("button", { name: "Run now" }).hover();
  await page.mouse.down();
  const looked = nextLook(page);
  await plane.addJob({ name: "a later one" });
  await (await looked).finished();
  await nextLook(page);
  await page.mouse.up();
  await page.getByText("Run queued").waitFor();
  await page.getByRole("link", { name: "a later one", exact: true }).waitFor();
  assert.deepEqual(windows.consoleErrors, []);
});

browserTest("a run's status is announced in an element that is not replaced", async (windows) => {
  await using plane = await servedPlane();
  await plane.addHost("h-1");
  const job = await plane.addJob();
  const { run } = await plane.store.runs.trigger(job.id, { source: "manual" }, BY);
  const page = await openJobs(windows, plane);
  await page.goto(`${plane.url}${AGENTS}/runs/${run.id}`);
  const status = await page.locator(".page-title [role=status]").elementHandle();
  const shown = [await status?.innerText()];
  await reportRunning(plane, run.id);
  await page.locator(".page-title").getByText("Running").waitFor();
  shown.push(await status?.innerText());
  assert.deepEqual(shown, ["Queued", "Running"]);
  assert.deepEqual(windows.consoleErrors, []);
});

browserTest(
  "the next runs of a schedule are announced in an element that is not replaced",
  async (windows) => {
    await using plane = await servedPlane();
    await plane.addHost("h-1");
    const page = await openJobs(windows, plane);
    await page.goto(`${plane.url}${AGENTS}/jobs/new`);
    const told = await page.locator(".schedule [role=status]").elementHandle();
    const times = () => told?.evaluate((element) => element.querySelectorAll("li").length);
    const shown = [await times()];
    await page.getByLabel("Runs", { exact: true }).selectOption("Every day");
    await page.locator("#fire-times li").nth(4).waitFor();
    shown.push(await times());
    assert.deepEqual(shown, [0, 5]);
    assert.deepEqual(windows.consoleErrors, []);
  },
);

browserTest(
  "a notice stays until the first change",
  async (windows) => {
    await using plane = await servedPlane();
    await plane.addHost("h-1");
    const { id } = await plane.addJob();
    const page = await openJobs(windows, plane);
    await page.getByRole("button", { name: "Run now" }).click();
    const notice = page.getByText("Run queued");
    await notice.waitFor();
    await nextLook(page);
    // Changes that the list does not show, and ages that advance, do not remove the notice.
    const looked = nextLook(page);
    await plane.store.jobs.update(id, (job) => patchedJob(job, { run_limit_seconds: 120 }), BY);
    await (await looked).finished();
    assert.equal(await notice.count(), 1);
    const { runs: [run] } = await plane.store.runs.list({ limit: 1 });
    await reportRunning(plane, run?.id ?? "");
    await page.getByText("A run is in progress").waitFor();
    await notice.waitFor({ state: "detached" });
    assert.deepEqual(windows.consoleErrors, []);
  },
);
