/** An admin manages schedules, people and keys in a real browser. */

import assert from "node:assert/strict";
import { AGENTS, signIn } from "./support/account.ts";
import { browserTest } from "./support/chromium.ts";
import { servedPlane } from "../harness/pages/served_plane.ts";

browserTest(
  "a schedule is picked in the user's time zone, shows its next runs, is paused and resumed",
  async (windows) => {
    await using plane = await servedPlane();
    await plane.addHost("h-1");
    const page = await windows.open();
    await signIn(page, plane);
    await page.goto(`${plane.url}${AGENTS}/jobs/new`);
    await page.getByLabel("Name", { exact: true }).fill("weekly");
    await page.getByLabel("Host", { exact: true }).selectOption("h-1");
    await page.getByLabel("Connector types").fill("snowflake");
    await page.getByLabel("Runs", { exact: true }).selectOption("On days of the week");
    await page.getByLabel("Fri").check();
    await page.getByLabel("Time", { exact: true }).fill("06:30");
    await page.getByLabel("Time", { exact: true }).blur();
    assert.equal(await page.getByLabel("Time zone").inputValue(), "Europe/Berlin");
    await page.locator("#fire-times li").nth(4).getByText("6:30").waitFor();
    assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "weekly");
    await page.getByRole("button", { name: "Create job" }).click();
    await page.getByText("Mondays and Fridays at 06:30, Europe/Berlin").waitFor();
    await page.getByRole("button", { name: "Pause schedule" }).click();
    await page.getByText("Schedule paused").waitFor();
    await page.getByRole("button", { name: "Resume schedule" }).click();
    await page.getByText("Schedule resumed").waitFor();
    assert.deepEqual(windows.consoleErrors, []);
  },
);

browserTest(
  "a user is added, signs in with the key that was shown, and is removed",
  async (windows) => {
    await using plane = await servedPlane();
    const [admin, other] = [await windows.open(), await windows.open()];
    await signIn(admin, plane);
    await admin.getByRole("link", { name: "People" }).click();
    await admin.getByLabel("Name", { exact: true }).fill("Grace");
    await admin.getByRole("button", { name: "Add" }).click();
    const key = await admin.locator(".copyable pre").textContent() ?? "";
    await signIn(other, { url: plane.url, keys: { admin: key, member: key } });
    assert.equal(await other.getByRole("link", { name: "People" }).count(), 0);

    await admin.getByRole("link", { name: "I have copied it" }).click();
    await admin.getByRole("link", { name: "Remove Grace" }).click();
    await admin.getByRole("button", { name: "Remove" }).click();
    await admin.getByText("User removed. All their keys and sessions are revoked").waitFor();
    await other.reload();
    await other.getByRole("heading", { name: "Sign in to Agents" }).waitFor();
    await admin.getByRole("link", { name: "Audit" }).click();
    await admin.locator("tbody").getByText("Removed user").waitFor();
    assert.deepEqual(windows.consoleErrors, []);
  },
);

browserTest("a key is created, shown once, and invalid once it is revoked", async (windows) => {
  await using plane = await servedPlane();
  const [admin, other] = [await windows.open(), await windows.open()];
  await signIn(admin, plane);
  await admin.getByRole("link", { name: "API keys" }).first().click();
  await admin.getByLabel("Name of the new key").first().fill("script");
  await admin.getByRole("button", { name: "Create key" }).first().click();
  const key = await admin.locator(".copyable pre").textContent() ?? "";
  await signIn(other, { url: plane.url, keys: { admin: key, member: key } });
  await admin.getByRole("link", { name: "I have copied it" }).click();
  await admin.getByRole("link", { name: "Revoke script" }).click();
  await admin.getByRole("link", { name: "Keep it" }).click();
  await admin.getByRole("link", { name: "Revoke script" }).click();
  await admin.getByRole("button", { name: "Revoke the key" }).click();
  await admin.getByText("Key revoked").waitFor();
  assert.equal(await admin.getByRole("link", { name: "Revoke script" }).count(), 0);
  await other.reload();
  await other.getByRole("heading", { name: "Sign in to Agents" }).waitFor();
  assert.deepEqual(windows.consoleErrors, []);
});

browserTest("the audit list is filtered as soon as a filter is chosen", async (windows) => {
  await using plane = await servedPlane();
  await plane.addHost("h-1");
  const page = await windows.open();
  await signIn(page, plane);
  await page.goto(`${plane.url}/settings/audit`);
  await page.getByLabel("Action").selectOption("Registered host");
  await page.waitForURL(`${plane.url}/settings/audit?action=host.register`);
  await page.locator("tbody").getByText("Registered host").waitFor();
  assert.equal(await page.locator("tbody").getByText("Added user").count(), 0);
  assert.deepEqual(windows.consoleErrors, []);
});

browserTest("a changed role applies from the next page on", async (windows) => {
  await using plane = await servedPlane();
  const [admin, other] = [await windows.open(), await windows.open()];
  await signIn(admin, plane);
  await signIn(other, plane, "member");
  assert.equal(await other.getByRole("link", { name: "People" }).count(), 0);
  await admin.getByRole("link", { name: "People" }).click();
  const row = admin.getByRole("row").filter({ hasText: "Role of Max" });
  await row.getByLabel("Role of Max").selectOption("Admin");
  await row.getByRole("button", { name: "Change" }).click();
  await admin.getByText("Role changed").waitFor();
  assert.equal(await row.getByLabel("Role of Max").inputValue(), "admin");
  await other.reload();
  await other.getByRole("link", { name: "People" }).click();
  await other.getByLabel("Role of Ada").waitFor();
  assert.deepEqual(windows.consoleErrors, []);
});

browserTest("the audit list is exported with the filters that are shown", async (windows) => {
  await using plane = await servedPlane();
  await plane.addHost("h-1");
  const page = await windows.open();
  await signIn(page, plane);
  await page.goto(`${plane.url}/settings/audit?action=host.register`);
  const exported = async (name: string) => {
    const begun = page.waitForEvent("download");
    await page.getByRole("link", { name }).click();
    const file = await begun;
    return { name: file.suggestedFilename(), text: await Deno.readTextFile(await file.path()) };
  };
  const [entry, ...more] = (await plane.store.audit.list({ action: "host.register", limit: 9 }))
    .entries;
  assert.ok(entry && more.length === 0);
  assert.deepEqual(await exported("Export JSON Lines"), {
    name: "bigeye-audit.jsonl",
    text: `${JSON.stringify(entry)}\n`,
  });
  const { name, text } = await exported("Export CSV");
  assert.equal(name, "bigeye-audit.csv");
  assert.deepEqual(text.split("\r\n").map((line) => line.split(",").slice(0, 5).join()), [
    '"at","actor","action","target_kind","target_name"',
    `"${entry.at}","Ada","host.register","host","h-1"`,
    "",
  ]);
  assert.deepEqual(windows.consoleErrors, []);
});
