/** The texts about hosts, word for word. */

import assert from "node:assert/strict";
import { MACHINE } from "../../../../control_plane/store/mod.ts";
import { partsOf, wordsOf } from "../../../fakes/control_plane/html.ts";
import { testPages } from "../../../fakes/control_plane/pages.ts";
import { INSTALLATION } from "../../../fakes/control_plane/registration.ts";

const AGENTS = "/settings/agents";

Deno.test("a host's persistent agents come after the others and are marked as recorded only", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1", ["source", "datahealth", "lineage"]);
  const browser = await pages.signedIn("member");
  for (const path of ["hosts", "hosts/h-1"]) {
    const { text } = await browser.get(`${AGENTS}/${path}`);
    const [tags = ""] = partsOf(text.slice(text.indexOf('<ul class="tags"')), "ul");
    assert.deepEqual(
      partsOf(tags, "li").map(wordsOf),
      ["DataHealth", "Lineage Plus", "Data Source recorded only"],
      path,
    );
  }
});

Deno.test("an agent type of a newer host is shown as it is, whatever it is called", async () => {
  await using pages = await testPages();
  const claim = {
    host_id: "h-1",
    installation_id: INSTALLATION,
    managed_agents: ["MANAGED_AGENT_TYPE_NEWER", "constructor"],
    version: "9",
    replace: false,
  };
  await pages.store.hosts.register(claim, true, MACHINE);
  const { text } = await (await pages.signedIn("member")).get(`${AGENTS}/hosts/h-1`);
  const [tags = ""] = partsOf(text.slice(text.indexOf('<ul class="tags"')), "ul");
  assert.deepEqual(partsOf(tags, "li").map(wordsOf), [
    "MANAGED_AGENT_TYPE_NEWER recorded only",
    "constructor recorded only",
  ]);
});

Deno.test("each state of a host has its own word and icon, in the list and on its page", async () => {
  await using pages = await testPages();
  const { store, clock } = pages;
  const beat = (id: string, draining = false) =>
    store.hosts.heartbeat(id, {
      installation_id: INSTALLATION,
      version: "1.0.0",
      report: { activeRuns: [], draining },
    });
  for (const id of ["h-1", "h-2", "h-3", "h-4", "h-5"]) await pages.addHost(id);
  await beat("h-3");
  clock.advance(90 * 1_000);
  await beat("h-2");
  clock.advance(31 * 1_000);
  await beat("h-1");
  await beat("h-4", true);
  const browser = await pages.signedIn("member");
  const marksIn = async (path: string) => {
    const { text } = await browser.get(`${AGENTS}/hosts${path}`);
    return [...text.matchAll(/<span class="mark-word (\w+)">(<svg.*?<\/svg>)(\w+)<\/span>/gs)].map(
      ([, look, shape, word]) => ({ look, shape, word }),
    );
  };
  const listed = await marksIn("");
  assert.deepEqual(listed.map(({ word, look }) => [word, look]), [
    ["Online", "online"],
    ["Late", "late"],
    ["Offline", "offline"],
    ["Draining", "draining"],
    ["Offline", "offline"],
  ]);
  assert.equal(new Set(listed.map(({ shape }) => shape)).size, 4);
  const own = [];
  for (const n of listed.keys()) own.push(...await marksIn(`/h-${n + 1}`));
  assert.deepEqual(own, listed);
});
