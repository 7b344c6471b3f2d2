/** What the pages say about registering a host. */

import assert from "node:assert/strict";
import { parseConfig } from "../../../../lib/config/parse.ts";
import { ORIGIN, testPages } from "../../../fakes/control_plane/pages.ts";

/** The headers that a reverse proxy sets. */
const PROXIED = { host: "plane.test:8443", "x-forwarded-proto": "https" };

// Without this address in the command, the agent would send an admin's key to its default address.
Deno.test("the command that registers a host contains the address of the page", async () => {
  await using pages = await testPages();
  const admin = await pages.signedIn("admin");
  const HOSTS = "/settings/agents/hosts";
  const told = async (path: string, headers: Record<string, string> = {}) =>
    /\.\/bigeye-agent register [^<]+/.exec((await admin.get(path, headers)).text)?.[0];
  const shown = [await told(HOSTS), await told(`${HOSTS}/new`, PROXIED)];
  for (const id of ["a", "my-host-01", "my-host-03"]) await pages.addHost(id);
  shown.push(await told(`${HOSTS}/new`));
  const register = (origin: string, id: string) =>
    `./bigeye-agent register --bigeye-url ${origin} --host-id ${id}`;
  assert.deepEqual(shown, [
    register(ORIGIN, "my-host-01"),
    register("https://plane.test:8443", "my-host-01"),
    register(ORIGIN, "my-host-02"),
  ]);
});

Deno.test("the agents that the page shows are valid in bigeye_agent.yml", async () => {
  await using pages = await testPages();
  const { text } = await (await pages.signedIn("admin")).get("/settings/agents/hosts/new");
  const [shown = ""] = /agents:\n[^<]*/.exec(text) ?? [];
  assert.deepEqual(parseConfig(shown, "bigeye_agent.yml").agents, [
    { type: "lineage" },
    { type: "datahealth" },
    { type: "external-monitors" },
  ]);
});

Deno.test("a member is told to ask an admin to register a host", async () => {
  await using pages = await testPages();
  const offers = async (as: "admin" | "member") => {
    const { text } = await (await pages.signedIn(as)).get("/settings/agents/hosts");
    return ["bigeye-agent register", "hosts/new", "Ask an admin"].map((each) =>
      text.includes(each)
    );
  };
  const empty = [await offers("admin"), await offers("member")];
  assert.deepEqual(empty, [[true, true, false], [false, false, true]]);
  await pages.addHost("h-1");
  const full = [await offers("admin"), await offers("member")];
  assert.deepEqual(full, [[false, true, false], [false, false, false]]);
});
