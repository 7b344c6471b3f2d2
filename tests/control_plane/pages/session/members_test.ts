/** Members may view the pages and change nothing. */

import assert from "node:assert/strict";
import { PAGES } from "../../../../control_plane/pages/mod.tsx";
import { MACHINE } from "../../../../control_plane/store/mod.ts";
import { testPages } from "../../../fakes/control_plane/pages.ts";

const REFUSED_TO_MEMBERS = [
  "GET /agents/hosts/new",
  "GET /agents/hosts/:id/remove",
  "POST /agents/hosts/:id/remove",
  "GET /agents/jobs/new",
  "POST /agents/jobs/new",
  "POST /agents/jobs/:id/runs",
  "GET /agents/jobs/:id/edit",
  "POST /agents/jobs/:id/edit",
  "GET /agents/jobs/:id/delete",
  "POST /agents/jobs/:id/delete",
  "POST /agents/jobs/:id/pause",
  "POST /agents/jobs/:id/resume",
  "GET /agents/runs/:id/cancel",
  "POST /agents/runs/:id/cancel",
  "GET /people",
  "POST /people",
  "POST /people/:id/role",
  "GET /people/:id/remove",
  "POST /people/:id/remove",
  "GET /people/:id/keys",
  "GET /audit",
  "GET /audit/export",
];

// Attacker: a member who knows the addresses of admin actions.
Deno.test("a member can view the pages but not change anything", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const job = await pages.addJob();
  const { run } = await pages.store.runs.trigger(job.id, { source: "manual" }, MACHINE);
  const browser = await pages.signedIn("member");
  const paths = [
    "/hosts",
    "/hosts/h-1",
    "/jobs",
    `/jobs/${job.id}`,
    "/runs",
    `/runs/${run.id}`,
  ];
  for (const path of paths) {
    const { status, text } = await browser.get(`/settings/agents${path}`);
    assert.equal(status, 200, path);
    const offered = [...text.matchAll(/<form method="post" action="([^"]+)"/g)].map(([, to]) => to);
    assert.deepEqual(offered, ["/sign-out"], path);
  }
  const users = await pages.store.users.list();
  const keys = await pages.store.keys.list("personal");
  const ids: Readonly<Record<string, string>> = {
    hosts: "h-1",
    jobs: job.id,
    runs: run.id,
    people: users.find(({ name }) => name === "Ada")?.id ?? "",
  };
  const refused: string[] = [];
  for (const { method, path } of PAGES) {
    const own = path.replace(/(\w+)\/:id/, (_, kind) => `${kind}/${ids[kind] ?? "none"}`);
    const sent = { role: "member", version: "1" };
    const { status, text } = await (method === "GET" ? browser.get(own) : browser.post(own, sent));
    if (status !== 403) continue;
    assert.match(
      text,
      /you are a member, and only admins may do this.*Ask an admin of the account/s,
      own,
    );
    refused.push(`${method} ${path.replace("/settings", "")}`);
  }
  assert.deepEqual(refused, REFUSED_TO_MEMBERS);
  assert.deepEqual(await pages.store.users.list(), users);
  assert.deepEqual(await pages.store.keys.list("personal"), keys);
  assert.deepEqual([
    (await pages.store.hosts.get("h-1")).host_id,
    (await pages.store.jobs.get(job.id)).version,
    (await pages.store.runs.get(run.id)).cancel_requested_at,
    (await pages.store.runs.list({ limit: 9 })).runs.length,
  ], ["h-1", 1, null, 1]);
});
