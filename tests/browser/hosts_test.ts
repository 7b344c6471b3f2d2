/** A host in a real browser, from the commands that register it to its removal. */

import assert from "node:assert/strict";
import { signIn } from "./support/account.ts";
import { browserTest } from "./support/chromium.ts";
import { type ServedPlane, servedPlane } from "../harness/pages/served_plane.ts";

const registering = ({ url }: ServedPlane, hostId: string): string =>
  `./bigeye-agent register --bigeye-url ${url} --host-id ${hostId}`;

browserTest(
  "a host appears without a reload, is shown as draining, and is removed after a confirmation",
  async (windows) => {
    await using plane = await servedPlane();
    const page = await windows.open();
    await signIn(page, plane);
    await page.getByText(registering(plane, "my-host-01")).waitFor();
    await page.evaluate("document.body.dataset.kept = 'yes'");
    await plane.addHost("h-1");
    await page.getByRole("link", { name: "h-1" }).waitFor();
    await page.locator("tbody").getByText("Online").waitFor();
    await plane.heartbeat("h-1", { draining: true });
    await page.locator("tbody").getByText("Draining").waitFor();
    assert.equal(await page.evaluate("document.body.dataset.kept"), "yes", "without a reload");

    await page.getByRole("link", { name: "h-1" }).click();
    await page.getByText("is stopping").waitFor();
    await plane.heartbeat("h-1", { diskFreeBytes: 2 ** 31 });
    await page.getByText("Only 2.0 GiB of disk space is free").waitFor();
    await page.getByRole("link", { name: "Remove" }).click();
    await page.getByRole("link", { name: "Keep it" }).click();
    await page.getByRole("link", { name: "Remove" }).click();
    await page.getByRole("button", { name: "Remove the host" }).click();
    await page.getByText("Host removed").waitFor();
    await page.getByText("No host is registered yet").waitFor();
    assert.deepEqual(windows.consoleErrors, []);
  },
);

browserTest("the commands for the next host are shown and copied with a click", async (windows) => {
  await using plane = await servedPlane();
  await plane.addHost("h-1");
  const page = await windows.open({ permissions: ["clipboard-read", "clipboard-write"] });
  await signIn(page, plane);
  await page.getByRole("link", { name: "Register a host" }).click();
  const command = page.locator(".copyable", { hasText: "register --bigeye-url" });
  await command.getByRole("button", { name: "Copy" }).click();
  await command.getByRole("button", { name: "Copied" }).waitFor();
  const copied = await page.evaluate<string>("navigator.clipboard.readText()");
  assert.equal(copied, registering(plane, "my-host-01"));
  assert.deepEqual(windows.consoleErrors, []);
});
