/** What every answer of the pages has in common: headers, addresses, words for what went wrong. */

import assert from "node:assert/strict";
import { MACHINE } from "../../../control_plane/store/mod.ts";
import { parseConfig } from "../../../lib/config/parse.ts";
import { ORIGIN, testPages } from "../../fakes/control_plane/pages.ts";

const RUNS = "/settings/agents/runs";
/** What a proxy before us tells of the reader's browser. */
const PROXIED = { host: "plane.test:8443", "x-forwarded-proto": "https" };

// A text that got into a page as markup after all, or a foreign page around ours, must still do no harm.
Deno.test("every answer forbids foreign and inline code, frames, sniffing and caching", async () => {
  await using pages = await testPages();
  const browser = await pages.signedIn("admin");
  for (const path of [RUNS, "/sign-in", "/nowhere", "/"]) {
    const { headers } = await browser.get(path);
    const policy = headers.get("content-security-policy") ?? "";
    assert.match(policy, /^default-src 'none'; style-src 'self'; script-src 'self';/);
    assert.doesNotMatch(policy, /unsafe|https?:|\*|data:/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.deepEqual(
      ["x-content-type-options", "referrer-policy", "cache-control", "strict-transport-security"]
        .map((name) => headers.get(name)),
      ["nosniff", "same-origin", "no-store", "max-age=31536000"],
      path,
    );
  }
});

Deno.test("a page names only files of its own, which a browser may keep for ever", async () => {
  await using pages = await testPages();
  const browser = await pages.signedIn("admin");
  const { text } = await browser.get(RUNS);
  assert.doesNotMatch(text, /style="|onclick|<style|https?:\/\//);
  const assets = [...text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) =>
    path ?? ""
  );
  assert.equal(assets.length, 3);
  for (const path of assets) {
    const { status, headers } = await browser.get(path);
    assert.deepEqual([status, headers.get("cache-control")], [
      200,
      "public, max-age=31536000, immutable",
    ]);
  }
});

Deno.test("what does not exist is a page that says so and leads on", async () => {
  await using pages = await testPages();
  const browser = await pages.signedIn("member");
  const cases: [string, RegExp][] = [
    ["/settings/agents/hosts/h-9", /Cannot find host &quot;h-9&quot;.*See all hosts/s],
    ["/settings/agents/jobs/j-9", /See all jobs/],
    ["/settings/agents/runs/r-9", /See all runs/],
    ["/settings/elsewhere", /Check the address, or start from the list of hosts/],
  ];
  for (const [path, words] of cases) {
    const { status, text } = await browser.get(path);
    assert.equal(status, 404, path);
    assert.match(text, words);
  }
});

Deno.test("a bug is a page with an incident number, in the log, and tells its reader nothing of itself", async () => {
  await using pages = await testPages();
  const browser = await pages.signedIn("admin");
  const list = pages.store.runs.list;
  Object.assign(pages.store.runs, { list: () => Promise.reject(new Error("secret detail")) });
  const { status, text } = await browser.get(RUNS);
  Object.assign(pages.store.runs, { list });
  assert.deepEqual([status, text.includes("secret detail")], [500, false]);
  assert.match(text, /incident &quot;[0-9a-f-]{36}&quot;/);
  assert.deepEqual(pages.complaints, ["error request failed"]);
});

Deno.test("filters live in the address, and a wrong one is told", async () => {
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

Deno.test("a filter by a host that is gone is shown as chosen, and can be taken away", async () => {
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

// Without its own address in the command, an admin's key would go to the stack that the agent calls by itself.
Deno.test("the command that registers a host names the address at which the page is read", async () => {
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

Deno.test("the agents that the page says to name are ones that bigeye_agent.yml takes", async () => {
  await using pages = await testPages();
  const { text } = await (await pages.signedIn("admin")).get("/settings/agents/hosts/new");
  const [shown = ""] = /agents:\n[^<]*/.exec(text) ?? [];
  assert.deepEqual(parseConfig(shown, "bigeye_agent.yml").agents, [
    { type: "lineage" },
    { type: "datahealth" },
    { type: "external-monitors" },
  ]);
});

Deno.test("a member is not told to register a host, which takes an admin's key, but whom to ask", async () => {
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

Deno.test("without a script what shows states loads itself again, unless something is typed there", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const { id } = await pages.addJob();
  const { run } = await pages.store.runs.trigger(id, { source: "manual" }, MACHINE);
  const browser = await pages.signedIn("admin");
  const reloads: Readonly<Record<string, string | undefined>> = {
    "hosts": "30",
    "hosts/h-1": "30",
    "jobs": "30",
    [`jobs/${id}`]: "30",
    [`runs/${run.id}`]: "10",
    "runs": undefined,
    "jobs/new": undefined,
    [`jobs/${id}/edit`]: undefined,
    "../people": undefined,
    "../keys": undefined,
  };
  for (const [path, seconds] of Object.entries(reloads)) {
    const { pathname } = new URL(`${ORIGIN}/settings/agents/${path}`);
    const { text } = await browser.get(`${pathname}?cursor=&done=run_queued`);
    const told = /<noscript><meta http-equiv="refresh" content="([^"]+)"\/><\/noscript>/.exec(text);
    // Without the notice: what was queued then may have ended since.
    assert.equal(told?.[1], seconds && `${seconds}; url=${pathname}`, path);
    const fields = text.match(/<(?:select|textarea|input(?! type="hidden"))/g);
    if (seconds !== undefined) assert.equal(fields, null, path);
  }
});
