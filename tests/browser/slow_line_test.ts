/** How the script handles responses that are late, unexpected, or errors. */

import assert from "node:assert/strict";
import type { Page, Request } from "playwright-core";
import { AGENTS, signIn } from "./support/account.ts";
import { browserTest, type Windows } from "./support/chromium.ts";
import { type ServedPlane, servedPlane } from "../harness/pages/served_plane.ts";

const NEW_JOB = `${AGENTS}/jobs/new`;

async function openJobForm(windows: Windows, plane: ServedPlane): Promise<Page> {
  await plane.addHost("h-1");
  const page = await windows.open();
  await signIn(page, plane);
  await page.goto(`${plane.url}${NEW_JOB}`);
  return page;
}

/** Not `check`, which then verifies the choice, on a page that may have been replaced by then. */
const choose = (page: Page, type: string): Promise<void> =>
  page.getByRole("radio", { name: type }).click({ noWaitAfter: true });

/** Holds back the form's first response; the returned function releases it and waits until it arrived. */
async function holdFirstAnswer(page: Page): Promise<() => Promise<void>> {
  const released = Promise.withResolvers<void>();
  let first: Request | undefined;
  await page.route(`**${NEW_JOB}`, async (route) => {
    if (!first) {
      first = route.request();
      await released.promise;
    }
    await route.continue();
  });
  return async () => {
    released.resolve();
    const answer = await first?.response();
    await answer?.finished();
  };
}

browserTest("responses that overtake each other each update their own part", async (windows) => {
  await using plane = await servedPlane();
  const page = await openJobForm(windows, plane);
  const release = await holdFirstAnswer(page);
  await page.getByLabel("Runs", { exact: true }).selectOption("Every day");
  await page.getByRole("radio", { name: "DataHealth" }).check();
  await page.getByLabel("File name").waitFor();
  await release();
  await page.getByLabel("Time", { exact: true }).waitFor();
  await page.locator("#fire-times li").nth(4).waitFor();
  assert.equal(await page.getByLabel("File name").isVisible(), true);
  assert.deepEqual(windows.consoleErrors, []);
});

browserTest("of two choices for one part, the response to the last one stays", async (windows) => {
  await using plane = await servedPlane();
  const page = await openJobForm(windows, plane);
  const release = await holdFirstAnswer(page);
  await page.getByRole("radio", { name: "External Monitors" }).check();
  await page.getByRole("radio", { name: "DataHealth" }).check();
  await page.getByLabel("File name").waitFor();
  await release();
  // A response that arrives after the late one shows that the late one has been handled.
  await page.getByLabel("Runs", { exact: true }).selectOption("Every day");
  await page.getByLabel("Time", { exact: true }).waitFor();
  assert.equal(await page.getByLabel("File name").isVisible(), true);
  assert.deepEqual(windows.consoleErrors, []);
});

browserTest(
  "what is typed while a response is pending stays, and so does the cursor",
  async (windows) => {
    await using plane = await servedPlane();
    const page = await openJobForm(windows, plane);
    await page.getByLabel("Runs", { exact: true }).selectOption("On days of the week");
    await page.getByLabel("Time", { exact: true }).waitFor();
    const release = await holdFirstAnswer(page);
    await page.getByLabel("Runs", { exact: true }).selectOption("Every day");
    await page.getByLabel("Paused").check({ noWaitAfter: true });
    await page.getByLabel("Sun").check({ noWaitAfter: true });
    const zone = page.getByLabel("Time zone");
    await zone.fill("Europe/");
    await release();
    await page.getByLabel("Sun").waitFor({ state: "detached" });
    await page.keyboard.type("Oslo");
    assert.equal(await zone.inputValue(), "Europe/Oslo");
    assert.equal(await page.getByLabel("Paused").isChecked(), true);
    await page.getByLabel("Runs", { exact: true }).selectOption("On days of the week");
    await page.getByLabel("Sun").waitFor();
    assert.equal(await page.getByLabel("Sun").isChecked(), true);
    assert.deepEqual(windows.consoleErrors, []);
  },
);

browserTest(
  "what is typed for one type while another one is loading is there after switching back",
  async (windows) => {
    await using plane = await servedPlane();
    const page = await openJobForm(windows, plane);
    const release = await holdFirstAnswer(page);
    await choose(page, "DataHealth");
    await page.getByLabel("Connector types").fill("snowflake");
    await release();
    await page.getByLabel("File name").waitFor();
    await choose(page, "Lineage Plus");
    await page.getByLabel("Connector types").waitFor();
    assert.equal(await page.getByLabel("Connector types").inputValue(), "snowflake");
    assert.deepEqual(windows.consoleErrors, []);
  },
);

browserTest(
  "a response that would move a pressed button waits until it is released",
  async (windows) => {
    await using plane = await servedPlane();
    const page = await openJobForm(windows, plane);
    await page.getByLabel("Name", { exact: true }).fill("pressed");
    await page.getByLabel("Host", { exact: true }).selectOption("h-1");
    await page.getByLabel("Connector types").fill("snowflake");
    await page.getByLabel("Runs", { exact: true }).selectOption("Cron expression");
    await page.getByLabel("Cron expression").fill("0 2 * * *");
    const answered = page.waitForResponse(`**${NEW_JOB}`);
    await page.getByRole("button", { name: "Create job" }).hover();
    await page.mouse.down();
    await (await answered).finished();
    // A frame is drawn only after the poll that waits for the release.
    await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))");
    await page.mouse.up();
    await page.getByText("Job created").waitFor();
    assert.deepEqual(windows.consoleErrors, []);
  },
);

browserTest(
  "a form whose submission was stopped can be submitted again, but not by a double click",
  async (windows) => {
    await using plane = await servedPlane();
    const page = await openJobForm(windows, plane);
    await page.clock.install();
    await page.reload();
    await page.getByLabel("Name", { exact: true }).fill("slow");
    await page.getByLabel("Host", { exact: true }).selectOption("h-1");
    await page.getByLabel("Connector types").fill("snowflake");
    let sent = 0;
    await page.route(`**${NEW_JOB}`, async (route) => {
      sent++;
      // As if the user stopped it, so that the page stays.
      await (sent > 1 ? route.continue() : route.abort("aborted"));
    });
    const save = page.getByRole("button", { name: "Create job" });
    const stopped = page.waitForEvent("requestfailed");
    await save.click({ noWaitAfter: true });
    await stopped;
    await save.click({ noWaitAfter: true });
    assert.equal(sent, 1);
    await page.clock.fastForward(10_000);
    await save.click({ noWaitAfter: true });
    await page.getByText("Job created").waitFor();
    assert.equal(sent, 2);
    assert.deepEqual(windows.consoleErrors, []);
  },
);

browserTest(
  "a choice in a form whose session has ended leads to the sign-in, and back to what was typed",
  async (windows) => {
    await using plane = await servedPlane();
    const page = await openJobForm(windows, plane);
    await page.getByLabel("Name", { exact: true }).fill("typed");
    await page.context().clearCookies();
    await choose(page, "DataHealth");
    await page.getByRole("heading", { name: "Sign in to Agents" }).waitFor();
    await page.getByLabel("Personal API Key").fill(plane.keys.admin);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("Check the values and submit the form again").waitFor();
    assert.equal(page.url(), `${plane.url}${NEW_JOB}`);
    await page.getByLabel("Host", { exact: true }).selectOption("h-1");
    await page.getByLabel("File name").fill("alation.json");
    await page.getByRole("button", { name: "Create job" }).click();
    await page.getByText("Job created").waitFor();
    await page.getByRole("heading", { name: "typed" }).waitFor();
    assert.deepEqual(windows.consoleErrors, []);
  },
);

browserTest(
  "a form of an earlier session can be continued: a choice shows its fields, and saving asks once more",
  async (windows) => {
    await using plane = await servedPlane();
    const page = await openJobForm(windows, plane);
    await page.context().clearCookies();
    await signIn(await page.context().newPage(), plane);
    await page.getByLabel("Name", { exact: true }).fill("typed");
    await choose(page, "DataHealth");
    await page.getByLabel("File name").fill("alation.json");
    await page.getByLabel("Host", { exact: true }).selectOption("h-1");
    await page.getByRole("button", { name: "Create job" }).click();
    await page.getByText("it was opened in another session").waitFor();
    await page.getByRole("button", { name: "Create job" }).click();
    await page.getByRole("heading", { name: "typed" }).waitFor();
    assert.deepEqual(windows.consoleErrors, []);
  },
);

browserTest("a choice without a response leaves what was typed", async (windows) => {
  await using plane = await servedPlane();
  const page = await openJobForm(windows, plane);
  await page.getByLabel("Name", { exact: true }).fill("typed");
  await page.route(`**${NEW_JOB}`, (route) => route.abort(), { times: 1 });
  await choose(page, "DataHealth");
  await page.getByRole("alert").getByRole("button", { name: "Try again" }).click();
  await page.getByLabel("File name").waitFor();
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "typed");
  assert.equal(await page.getByRole("alert").count(), 0);
  assert.deepEqual(windows.consoleErrors, []);
});

browserTest("a stream of changes that was refused is requested again", async (windows) => {
  await using plane = await servedPlane();
  const page = await windows.open();
  let isFirst = true;
  await page.route("**/events?*", async (route) => {
    if (!isFirst) return await route.continue();
    isFirst = false;
    // As a proxy responds while the control plane restarts.
    await route.fulfill({ status: 503 });
  });
  const opened = page.waitForResponse((answer) =>
    answer.url().startsWith(`${plane.url}/events?`) && answer.status() === 200
  );
  await signIn(page, plane);
  await opened;
  assert.equal(isFirst, false);
  assert.deepEqual(windows.consoleErrors, []);
});
