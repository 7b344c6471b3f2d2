/** Jobs and runs in a real browser, from the sign-in to the deletion of a job. */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { AGENTS, signIn } from "./support/account.ts";
import {
  reportEnd,
  reportRunning,
  type ServedPlane,
  servedPlane,
} from "../harness/pages/served_plane.ts";
import { browserTest } from "./support/chromium.ts";

const lastRunId = async ({ store }: ServedPlane): Promise<string> => {
  const { runs } = await store.runs.list({ limit: 1 });
  return runs[0]?.id ?? "";
};

/** The text of the page's rows, cell by cell. */
async function rows(page: Page): Promise<string[]> {
  const texts = await page.locator("tbody tr").allInnerTexts();
  return texts.map((text) => text.replaceAll(/\s+/g, " ").trim());
}

/** A mark that a reload would remove. */
const MARK = "document.body.dataset.kept = 'yes'";

/** Takes the look every 10 s away, so that only an event can bring a change. */
const WITHOUT_LOOKS = "window.setInterval = () => 0";

browserTest(
  "jobs of each type are created; the type narrows the hosts at once",
  async (windows) => {
    await using plane = await servedPlane();
    await plane.addHost("warehouse-01", ["lineage", "datahealth"]);
    await plane.addHost("dbt-01", ["external-monitors"]);
    const page = await windows.open();
    await signIn(page, plane);

    const wanted: [type: string, host: string, fields: Record<string, string>][] = [
      ["Lineage Plus", "warehouse-01", { "Connector types": "snowflake, tableau" }],
      ["DataHealth", "warehouse-01", { "File name": "alation.json" }],
      ["External Monitors", "dbt-01", {
        "Connector types": "dbt",
        "Connection (optional)": "core",
      }],
    ];
    for (const [type, host, fields] of wanted) {
      await page.goto(`${plane.url}${AGENTS}/jobs`);
      await page.getByRole("link", { name: /^Create/ }).first().click();
      await page.getByLabel("Name", { exact: true }).fill(`Nightly ${type}`);
      await page.getByRole("radio", { name: type }).check();
      await page.getByText(`Lists the hosts that run ${type}`).waitFor();
      const offered = await page.locator("#host_id option").allTextContents();
      assert.deepEqual(offered, ["Choose a host", host]);
      await page.getByLabel("Host", { exact: true }).selectOption(host);
      for (const [label, value] of Object.entries(fields)) await page.getByLabel(label).fill(value);
      assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), `Nightly ${type}`);
      await page.getByRole("button", { name: "Create job" }).click();
      await page.getByText("Job created").waitFor();
    }
    await page.goto(`${plane.url}${AGENTS}/jobs`);
    assert.deepEqual(await rows(page), [
      "Nightly DataHealth DataHealth warehouse-01 On demand Never run Run now : Nightly DataHealth",
      "Nightly External Monitors External Monitors dbt-01 On demand Never run Run now : Nightly External Monitors",
      "Nightly Lineage Plus Lineage Plus warehouse-01 On demand Never run Run now : Nightly Lineage Plus",
    ]);
    assert.deepEqual(windows.consoleErrors, []);
  },
);

browserTest(
  "Enter in a field of the job form saves it, with and without JavaScript",
  async (windows) => {
    await using plane = await servedPlane();
    await plane.addHost("h-1");
    for (const javaScriptEnabled of [true, false]) {
      const page = await windows.open({ javaScriptEnabled });
      await signIn(page, plane);
      await page.goto(`${plane.url}${AGENTS}/jobs/new`);
      await page.getByLabel("Host", { exact: true }).selectOption("h-1");
      await page.getByLabel("Connector types").fill("snowflake");
      await page.getByLabel("Name", { exact: true }).fill("typed");
      await page.getByLabel("Name", { exact: true }).press("Enter");
      await page.getByText("Job created").waitFor({ timeout: 30_000 });
    }
    assert.deepEqual(windows.consoleErrors, []);
  },
);

browserTest(
  "a run is followed to its end without a reload, and nothing typed is lost",
  async (windows) => {
    await using plane = await servedPlane();
    await plane.addHost("h-1");
    await plane.addJob();
    const page = await windows.open();
    await page.addInitScript(WITHOUT_LOOKS);
    await signIn(page, plane);
    await page.goto(`${plane.url}${AGENTS}/jobs`);
    await page.evaluate(MARK);
    await page.getByRole("button", { name: "Run now" }).waitFor();

    const watcher = await windows.open();
    await watcher.addInitScript(WITHOUT_LOOKS);
    await signIn(watcher, plane, "member");
    await watcher.goto(`${plane.url}${AGENTS}/runs`);
    await watcher.locator("#filter-status").focus();
    await watcher.evaluate(MARK);
    await watcher.getByText("No runs yet").waitFor();

    const other = await windows.open();
    await signIn(other, plane);
    await other.goto(`${plane.url}${AGENTS}/jobs`);
    await other.getByRole("button", { name: "Run now" }).click();
    await other.getByText("Run queued").waitFor();

    await page.getByText("A run is queued").waitFor();
    await watcher.locator("tbody").getByText("Queued").waitFor();
    assert.equal(await page.getByRole("button", { name: "Run now" }).isDisabled(), true);
    const runId = await lastRunId(plane);
    await reportRunning(plane, runId);
    await watcher.locator("tbody").getByText("Running").waitFor();
    await page.getByText("A run is in progress").click();
    await page.locator("ol.timeline").getByText("Starting the container").waitFor();
    await page.evaluate(MARK);
    await reportEnd(plane, runId);
    await page.locator(".page-title").getByText("Succeeded").waitFor();
    await watcher.locator("tbody").getByText("Succeeded").waitFor();
    for (const one of [page, watcher]) {
      assert.equal(await one.evaluate("document.body.dataset.kept"), "yes");
    }
    assert.equal(await watcher.evaluate("document.activeElement.id"), "filter-status");
    assert.deepEqual(windows.consoleErrors, []);
  },
);

browserTest(
  "runs are filtered by the address, paged, and canceled after a confirmation",
  async (windows) => {
    await using plane = await servedPlane();
    await plane.addHost("h-1");
    await plane.addHost("h-2");
    const [one, two] = [
      await plane.addJob(),
      await plane.addJob({ name: "other", host_id: "h-2" }),
    ];
    const by = { name: "test" };
    for (let n = 0; n < 30; n++) {
      const { run } = await plane.store.runs.trigger(one.id, { source: "manual" }, by);
      await reportEnd(plane, run.id);
    }
    const { run } = await plane.store.runs.trigger(two.id, { source: "manual" }, by);
    await reportRunning(plane, run.id);
    const page = await windows.open();
    await signIn(page, plane);
    await page.getByRole("link", { name: "Runs" }).click();
    await page.waitForURL(`${plane.url}${AGENTS}/runs`);
    assert.equal((await rows(page)).length, 25);
    await page.getByRole("link", { name: "Older runs" }).click();
    await page.getByRole("link", { name: "Newest runs" }).waitFor();
    assert.equal((await rows(page)).length, 6);

    await page.getByLabel("Host").selectOption("h-2");
    await page.waitForURL(/\?host=h-2$/);
    await page.getByLabel("Status").selectOption("running");
    await page.waitForURL(/\?host=h-2&status=running$/);
    assert.equal((await rows(page)).length, 1);
    await page.getByRole("link", { name: "Cancel" }).click();
    await page.getByRole("link", { name: "Keep the run" }).click();
    await page.getByRole("link", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Cancel the run" }).click();
    await page.getByText("Cancel was requested").waitFor();
    await reportEnd(plane, run.id, { status: "canceled", reason: "canceled_by_user" });
    await page.locator("main").getByText("The run was canceled").waitFor();
    assert.deepEqual(windows.consoleErrors, []);
  },
);

browserTest("a job is edited in two windows at once, and deleted", async (windows) => {
  await using plane = await servedPlane();
  await plane.addHost("h-1");
  const job = await plane.addJob();
  const edit = `${plane.url}${AGENTS}/jobs/${job.id}/edit`;
  const [one, two] = [await windows.open(), await windows.open({ javaScriptEnabled: false })];
  for (const page of [one, two]) {
    await signIn(page, plane);
    await page.goto(edit);
  }
  await one.getByLabel("Name", { exact: true }).fill("renamed");
  await one.getByRole("button", { name: "Save changes" }).click();
  await one.getByText("They apply to the next run").waitFor();
  await two.getByLabel("Connector types").fill("snowflake, --rm");
  await two.getByRole("button", { name: "Save changes" }).click();
  await two.getByText('"--rm" must be').first().waitFor();
  await two.getByLabel("Connector types").fill("bigquery");
  await two.getByRole("button", { name: "Save changes" }).click();
  await two.getByText("the job was changed").waitFor();
  assert.equal(await two.getByLabel("Connector types").inputValue(), "bigquery");
  await two.getByRole("button", { name: "Save changes" }).click();
  await two.getByRole("heading", { name: "nightly" }).waitFor();

  const { run } = await plane.store.runs.trigger(job.id, { source: "manual" }, { name: "test" });
  await one.goto(`${plane.url}${AGENTS}/jobs/${job.id}`);
  await one.getByRole("link", { name: "Delete" }).click();
  await one.getByText("You can delete the job once the run has ended").waitFor();
  await one.getByRole("link", { name: "Cancel the run" }).click();
  await one.getByRole("button", { name: "Cancel the run" }).click();
  await one.getByText("Run canceled").waitFor();
  await one.goto(`${plane.url}${AGENTS}/jobs/${job.id}/delete`);
  await one.getByRole("button", { name: "Delete the job" }).click();
  await one.getByText("Job deleted").waitFor();
  await one.goto(`${plane.url}${AGENTS}/runs/${run.id}`);
  await one.getByText("The job has been deleted").waitFor();
  assert.deepEqual(windows.consoleErrors, []);
});
