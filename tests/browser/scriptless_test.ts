/** The pages with JavaScript disabled. */

import assert from "node:assert/strict";
import { AGENTS, signIn } from "./support/account.ts";
import { reportEnd, servedPlane } from "../harness/pages/served_plane.ts";
import { browserTest } from "./support/chromium.ts";

browserTest(
  "without JavaScript a job is created, run, canceled, and runs are filtered",
  async (windows) => {
    await using plane = await servedPlane();
    await plane.addHost("h-1", ["lineage"]);
    await plane.addHost("h-2", ["datahealth"]);
    const other = await plane.addJob({ name: "other", host_id: "h-1" });
    const { run } = await plane.store.runs.trigger(other.id, { source: "manual" }, { name: "Ada" });
    await reportEnd(plane, run.id);
    const page = await windows.open({ javaScriptEnabled: false });
    await signIn(page, plane);

    await page.goto(`${plane.url}${AGENTS}/jobs/new`);
    await page.getByLabel("Name", { exact: true }).fill("by hand");
    await page.getByRole("radio", { name: "DataHealth" }).check();
    await page.getByRole("button", { name: "Show the fields of this type" }).click();
    await page.getByLabel("Host", { exact: true }).selectOption("h-2");
    await page.getByLabel("File name").fill("alation.json");
    await page.getByLabel("Runs", { exact: true }).selectOption("Every day");
    await page.getByRole("button", { name: "Show the fields of this schedule" }).click();
    await page.getByLabel("Time", { exact: true }).fill("06:30");
    await page.getByRole("button", { name: "Create job" }).click();
    await page.getByText("Job created").waitFor();
    await page.getByText("Every day at 06:30, UTC").waitFor();
    await page.getByRole("button", { name: "Run now" }).click();
    await page.getByText("Run queued").waitFor();

    await page.getByRole("link", { name: "Runs" }).first().click();
    await page.getByLabel("Status").selectOption("queued");
    await page.getByRole("button", { name: "Apply" }).click();
    await page.waitForURL(/status=queued/);
    const jobs = await page.locator("tbody th a").allTextContents();
    assert.deepEqual(jobs, ["by hand"]);
    await page.getByRole("link", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Cancel the run" }).click();
    await page.getByText("Run canceled").waitFor();
  },
);

browserTest(
  "without JavaScript the page of an active run reloads itself",
  async (windows) => {
    await using plane = await servedPlane();
    await plane.addHost("h-1");
    const job = await plane.addJob();
    const { run } = await plane.store.runs.trigger(job.id, { source: "manual" }, { name: "Ada" });
    const page = await windows.open({ javaScriptEnabled: false });
    await signIn(page, plane);
    await page.goto(`${plane.url}${AGENTS}/runs/${run.id}`);
    await page.getByText("to take the run").waitFor();
    await reportEnd(plane, run.id);
    await page.locator(".page-title").getByText("Succeeded").waitFor();
  },
);
