/** Attacks in a browser. */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { AGENTS, signIn } from "./support/account.ts";
import { browserTest, type Windows } from "./support/chromium.ts";
import { type ServedPlane, servedPlane } from "../harness/pages/served_plane.ts";

// Attacker: another site, open in the same browser, submits a form to the control plane.
browserTest("a form of another site has no effect", async (windows) => {
  await using plane = await servedPlane();
  const { page, target } = await beforeRunning(plane, windows);
  // For browsers, the same machine under another name is another site.
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

// Attacker: another service of the same machine, which browsers treat as the same site, submits the form.
browserTest(
  "a form of another port, or with another session's token, has no effect",
  async (windows) => {
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
  },
);

// Attacker: a cookie is copied from an admin's browser and used after the admin has signed out.
browserTest("a stolen cookie is invalid after the sign-out", async (windows) => {
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

/** A signed-in page, and the address that its Run now form posts to. */
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
