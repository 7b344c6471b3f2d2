/** What all responses of the pages have in common: headers, addresses, error pages. */

import assert from "node:assert/strict";
import { MACHINE } from "../../../control_plane/store/mod.ts";
import { ORIGIN, testPages } from "../../fakes/control_plane/pages.ts";

const RUNS = "/settings/agents/runs";

// Attacker: text that became markup despite escaping, or a foreign page that frames ours.
Deno.test("every response forbids foreign and inline code, framing, sniffing and caching", async () => {
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

Deno.test("a page loads only our own files, which browsers may cache for ever", async () => {
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

Deno.test("an unknown address gives an error page with a link", async () => {
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

Deno.test("a bug gives an error page with an incident id and no details, which are only in the log", async () => {
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

Deno.test("without JavaScript, pages with states reload themselves, but pages with input fields do not", async () => {
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
    // Without the notice, because the queued run may have ended since.
    assert.equal(told?.[1], seconds && `${seconds}; url=${pathname}`, path);
    const fields = text.match(/<(?:select|textarea|input(?! type="hidden"))/g);
    if (seconds !== undefined) assert.equal(fields, null, path);
  }
});
