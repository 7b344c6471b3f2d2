/** Times in the time zone of a user in Berlin, which is not the server's. */

import assert from "node:assert/strict";
import { AGENTS, signIn } from "./support/account.ts";
import { browserTest } from "./support/chromium.ts";
import { servedPlane } from "../harness/pages/served_plane.ts";

const SHOWN = { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" } as const;
const EXACT = { dateStyle: "full", timeStyle: "long" } as const;

const inBerlin = (at: string, form: Intl.DateTimeFormatOptions): string =>
  oneKindOfSpace(
    new Intl.DateTimeFormat("en-US", { ...form, timeZone: "Europe/Berlin" }).format(new Date(at)),
  );

/** ICU versions differ in the space before "PM". */
const oneKindOfSpace = (text: string | null): string => (text ?? "").replace(/\s/g, " ");

browserTest("a time is shown in the user's time zone, and exactly on hover", async (windows) => {
  await using plane = await servedPlane();
  await plane.addHost("h-1");
  const { id } = await plane.addJob();
  const { run } = await plane.store.runs.trigger(id, { source: "manual" }, { name: "Ada" });
  const page = await windows.open();
  await signIn(page, plane);
  await page.goto(`${plane.url}${AGENTS}/runs`);
  const time = page.locator("tbody time").first();
  assert.equal(oneKindOfSpace(await time.textContent()), inBerlin(run.created_at, SHOWN));
  await time.hover();
  assert.equal(oneKindOfSpace(await time.getAttribute("title")), inBerlin(run.created_at, EXACT));
  assert.deepEqual(windows.consoleErrors, []);
});
