/** The filters of the list of runs. */

import assert from "node:assert/strict";
import { testPages } from "../../../fakes/control_plane/pages.ts";

const RUNS = "/settings/agents/runs";

Deno.test("filters are in the address, and a wrong one gives an error page", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  await pages.addJob();
  const browser = await pages.signedIn("member");
  const { text } = await browser.get(`${RUNS}?host=h-1&agent_type=lineage&status=failed&job=`);
  for (const chosen of ["h-1", "lineage", "failed"]) {
    assert.match(text, new RegExp(`<option value="${chosen}" selected=""`));
  }
  assert.match(text, /No runs match these filters/);
  assert.equal((await browser.get(`${RUNS}?status=lost`)).status, 422);
  assert.equal((await browser.get(`${RUNS}?cursor=AAAA`)).status, 422);
});

Deno.test("a filter by a removed host is shown as chosen and can be cleared", async () => {
  await using pages = await testPages();
  for (const id of ["h-1", "h-2"]) await pages.addHost(id);
  const browser = await pages.signedIn("member");
  const choices = async (query: string) => {
    const { text } = await browser.get(`${RUNS}${query}`);
    const [select = ""] = /<select id="filter-host".*?<\/select>/s.exec(text) ?? [];
    return [...select.matchAll(/<option value="([^"]*)"( selected)?/g)].map(([, id, chosen]) =>
      chosen ? `[${id}]` : id
    );
  };
  assert.deepEqual(await choices(""), ["", "h-1", "h-2"]);
  assert.deepEqual(await choices("?host=h-2"), ["", "h-1", "[h-2]"]);
  assert.deepEqual(await choices("?host=h-gone"), ["", "h-1", "h-2", "[h-gone]"]);
});
