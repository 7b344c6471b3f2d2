/** What people with bad intentions try in a browser. */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { AGENTS, signIn } from "./account.ts";
import { browserTest, type Windows } from "./chromium.ts";
import { type ServedPlane, servedPlane } from "../harness/pages/served_plane.ts";

// Another site, open in the same browser, sends a form to the control plane.
browserTest("a form of another site does nothing", async (windows) => {
  await using plane = await servedPlane();
  const { page, target } = await beforeRunning(plane, windows);
  // The same machine under another name is another site.
  const foreign = plane.url.replace("127.0.0.1", "localhost");
  await page.route(`${foreign}/trap`, (route) =>
    route.fulfill({
      contentType: "text/html",
      body: `<form method="post" action="${target}"><button>Win a prize</button></form>`,
    }));
  await page.goto(`${foreign}/trap`);
  const answer = page.waitForResponse(target);
  await page.getByRole("button").click();
  assert.equal(
    (await answer).status(),
    303,
    "the cookie stays at home, so it leads to the sign-in",
  );
  assert.deepEqual((await plane.store.runs.list({ limit: 1 })).runs, []);
});

// Another service of the same machine, whose pages the browser takes for the same site, sends the form.
browserTest("a form of another port, or with another's token, does nothing", async (windows) => {
  await using plane = await servedPlane();
  const { page, target } = await beforeRunning(plane, windows);
  const token = await page.locator("[name=_token]").first().getAttribute("value");
  const neighbour = "http://127.0.0.1:8999/trap";
  await page.route(neighbour, (route) =>
    route.fulfill({
      contentType: "text/html",
      body: `<form method="post" action="${target}">
        <input name="_token" value="${token}"><button>Win a prize</button></form>`,
    }));
  await page.goto(neighbour);
  await page.getByRole("button").click();
  await page.getByRole("heading", { name: "Not allowed" }).waitFor();

  await page.goto(`${plane.url}${AGENTS}/jobs`);
  await page.evaluate(`
    const form = document.querySelector("main form");
    form.elements.namedItem("_token").value = "of-another-session";
    form.submit();`);
  await page.getByRole("heading", { name: "Not allowed" }).waitFor();
  assert.deepEqual((await plane.store.runs.list({ limit: 1 })).runs, []);
});

// A cookie is copied out of an admin's browser, and used when its owner has gone home.
browserTest("a stolen cookie is worth nothing after the sign-out", async (windows) => {
  await using plane = await servedPlane();
  const [owner, thief] = [await windows.open(), await windows.open()];
  await signIn(owner, plane);
  await thief.context().addCookies(await owner.context().cookies());
  await thief.goto(`${plane.url}${AGENTS}/jobs`);
  await thief.getByRole("heading", { name: "Jobs" }).first().waitFor();
  assert.equal(await owner.evaluate("document.cookie"), "", "no script reads it");
  await owner.getByRole("button", { name: "Sign out" }).click();
  await owner.getByText("Signed out").waitFor();
  await thief.reload();
  await thief.getByRole("heading", { name: "Sign in to Agents" }).waitFor();
});

/** A signed-in page, and where its forms have a job run. */
async function beforeRunning(
  plane: ServedPlane,
  windows: Windows,
): Promise<{ readonly page: Page; readonly target: string }> {
  await plane.addHost("h-1");
  const job = await plane.addJob();
  const page = await windows.open();
  await signIn(page, plane);
  return { page, target: `${plane.url}${AGENTS}/jobs/${job.id}/runs` };
}
