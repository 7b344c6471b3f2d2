/** What people with bad intentions try in a browser. */

import assert from "node:assert/strict";
import { AGENTS, reportEnd, signIn } from "./account.ts";
import { browserTest } from "./chromium.ts";
import { servedPlane } from "./served_plane.ts";

const SCRIPT =
  `"'></title></textarea><script>window.hit=1</script><img src=x onerror="window.hit=2">`;

// An admin, or an agent whose machine was taken over, writes markup into every text that others will see.
browserTest("no text becomes a script, in any page", async (windows) => {
  await using plane = await servedPlane();
  await plane.addHost("h-1");
  const page = await windows.open();
  await signIn(page, plane);
  await page.goto(`${plane.url}${AGENTS}/jobs/new`);
  await page.getByLabel("Name", { exact: true }).fill(SCRIPT);
  await page.getByLabel("Connector types").fill(SCRIPT);
  await page.getByLabel("Connection (optional)").fill(SCRIPT);
  await page.getByLabel("Run limit", { exact: true }).fill(SCRIPT);
  await page.getByRole("button", { name: "Create job" }).click();
  await page.getByText("Nothing is saved yet").waitFor();
  assert.equal(await page.getByLabel("Connector types").inputValue(), SCRIPT);

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
  const hash = encodeURIComponent(SCRIPT);
  for (
    const path of [
      "/hosts",
      "/hosts/h-1",
      "/jobs",
      `/jobs/${job.id}`,
      `/jobs/${job.id}/edit`,
      "/runs",
      `/runs/${run.id}`,
      `/runs?job=${hash}`,
      `/hosts/${hash}?done=${hash}`,
    ]
  ) {
    await page.goto(`${plane.url}${AGENTS}${path}`);
    assert.equal(await page.evaluate("window.hit"), undefined, path);
  }
  // Should a text become markup after all, the policy still lets nothing of it run.
  const isRun = await page.evaluate(`
    const script = document.createElement("script");
    try { script.textContent = "window.hit = 3"; document.body.append(script); } catch {}
    window.hit`);
  assert.equal(isRun, undefined);
});

// Another site, open in the same browser, sends a form to the control plane.
browserTest("a form of another site does nothing", async (windows) => {
  await using plane = await servedPlane();
  await plane.addHost("h-1");
  const job = await plane.addJob();
  const page = await windows.open();
  await signIn(page, plane);
  const target = `${plane.url}${AGENTS}/jobs/${job.id}/runs`;
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
  assert.ok([303, 403].includes((await answer).status()));
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

// A member types the addresses of what only admins are shown.
browserTest(
  "a member is shown no way to change things, and is refused in words",
  async (windows) => {
    await using plane = await servedPlane();
    await plane.addHost("h-1");
    const job = await plane.addJob();
    const page = await windows.open();
    await signIn(page, plane, "member");
    await page.goto(`${plane.url}${AGENTS}/jobs/${job.id}`);
    assert.deepEqual(await page.locator("main").getByRole("button").allTextContents(), []);
    for (const path of ["/jobs/new", `/jobs/${job.id}/edit`, `/jobs/${job.id}/delete`]) {
      await page.goto(`${plane.url}${AGENTS}${path}`);
      await page.getByRole("heading", { name: "Not allowed" }).waitFor();
      await page.getByText("Ask an admin of the account").waitFor();
    }
  },
);
