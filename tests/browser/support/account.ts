/** A signed-in browser. */

import type { Page } from "playwright-core";
import type { ServedPlane } from "../../harness/pages/served_plane.ts";

export const AGENTS = "/settings/agents";

export async function signIn(
  page: Page,
  { url, keys }: Pick<ServedPlane, "url" | "keys">,
  as: "admin" | "member" = "admin",
): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await page.getByLabel("Personal API Key").fill(keys[as]);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(`${url}${AGENTS}/hosts`);
}
