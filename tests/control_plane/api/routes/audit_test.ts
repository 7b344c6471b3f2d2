/** The audit log over REST: the entry of each change, filters, pages and exported files. */

import assert from "node:assert/strict";
import type { AgentType } from "../../../../lib/contract/agent_types.ts";
import { MACHINE } from "../../../../control_plane/store/mod.ts";
import type { AuditEntry } from "../../../../lib/contract/audit.ts";
import { ANY, API, ORCHESTRATOR, PEER, testPlane } from "../../../fakes/control_plane/plane.ts";
import { INSTALLATION, registration } from "../../../fakes/control_plane/registration.ts";

const AUDIT = `${API}/audit`;

Deno.test("each change adds one entry with the actor, the action, the time and the address", async () => {
  await using plane = await testPlane();
  const { store, clock } = plane;
  // The test plane creates its users and keys as the control plane's machine.
  clock.advance(1000);
  const machine = { name: "control plane machine", user_id: null, key_id: null, from: null };
  const before = (await store.audit.list({ limit: 100 })).entries;
  assert.deepEqual(
    before.map(({ actor, action, target }) => [actor, action, target.name])
      .toSorted((a, b) => `${a[2]}` < `${b[2]}` ? -1 : 1),
    [
      [machine, "user.add", "Ada"],
      [machine, "user.add", "Max"],
      [machine, "key.create", "a"],
      [machine, "key.create", "i"],
    ],
  );
  const { body: ada } = await plane.call("GET", `${API}/users/me`);
  const [adasKey] = await store.keys.list({ userId: ada.id });
  const by = { name: "Ada", user_id: ada.id, key_id: adasKey?.id, from: PEER };

  const entries: unknown[] = [];
  async function change(call: Promise<unknown>): Promise<void> {
    await call;
    clock.advance(1000);
    const { id: _, at, ...entry }: AuditEntry = (await store.audit.list({ limit: 1 })).entries[0] ??
      assert.fail("no entry");
    assert.equal(Date.parse(at), clock.now().getTime() - 1000);
    assert.deepEqual(entry.actor, by);
    entries.push([entry.action, entry.target, entry.details]);
  }
  const host = (managed_agents: AgentType[], installation_id = INSTALLATION) =>
    plane.call(
      "POST",
      `${ORCHESTRATOR}/register`,
      registration({ installation_id, managed_agents, replace: true }),
    );
  const other = INSTALLATION.replace("1", "2");

  await change(host(["lineage"]));
  await change(host(["lineage", "source"]));
  await change(host(["lineage", "source"], other));
  await change(plane.addJob());
  const { jobs: [job] } = await store.jobs.list({ limit: 1 });
  const jobPath = `${ORCHESTRATOR}/jobs/${job?.id}`;
  const body = { name: "hourly", run_limit_seconds: 60 };
  await change(plane.call("PATCH", jobPath, { body, headers: ANY }));
  await change(plane.trigger(job?.id ?? ""));
  const { runs: [run] } = await store.runs.list({ limit: 1 });
  await change(plane.call("POST", `${ORCHESTRATOR}/runs/${run?.id}/cancel`));
  await change(plane.call("DELETE", jobPath, { headers: ANY }));
  await change(plane.call("POST", `${API}/users`, { body: { name: "Bea" } }));
  const bea = (await store.users.list()).find(({ name }) => name === "Bea");
  await change(plane.call("PATCH", `${API}/users/${bea?.id}`, { body: { role: "admin" } }));
  const [beasKey] = await store.keys.list({ userId: bea?.id ?? "" });
  await change(plane.call("DELETE", `${API}/personal-api-keys/${beasKey?.id}`));
  const known = { name: "second", description: "", hash: "second" };
  const second = await store.keys.add(
    { ...known, kind: "personal", userId: bea?.id ?? "" },
    MACHINE,
  );
  clock.advance(1000);
  await change(plane.call("DELETE", `${API}/users/${bea?.id}`));

  const hostTarget = { kind: "host", id: "h-1", name: "h-1" };
  const jobTarget = { kind: "job", id: job?.id, name: "nightly" };
  const runTarget = { kind: "run", id: run?.id, name: "hourly" };
  const userTarget = { kind: "user", id: bea?.id, name: "Bea" };
  const seen = { installation_id: INSTALLATION, managed_agents: ["lineage"], version: "1.0.0" };
  assert.deepEqual(entries, [
    ["host.register", hostTarget, seen],
    ["host.update", hostTarget, {
      managed_agents: { from: ["lineage"], to: ["lineage", "source"] },
    }],
    ["host.replace", hostTarget, { installation_id: { from: INSTALLATION, to: other } }],
    ["job.create", jobTarget, {
      name: "nightly",
      host_id: "h-1",
      agent_type: "lineage",
      parameters: { connectors: ["snowflake"] },
      run_limit_seconds: 60,
      schedule: null,
    }],
    ["job.update", { ...jobTarget, name: "hourly" }, { name: { from: "nightly", to: "hourly" } }],
    ["run.trigger", runTarget, { job_id: job?.id, host_id: "h-1" }],
    ["run.cancel", runTarget, { job_id: job?.id, host_id: "h-1" }],
    ["job.remove", { ...jobTarget, name: "hourly" }, {}],
    ["user.add", userTarget, { role: "member", key_id: beasKey?.id }],
    ["user.update", userTarget, { role: { from: "member", to: "admin" } }],
    ["key.remove", { kind: "key", id: beasKey?.id, name: "Bea" }, {
      kind: "personal",
      user_id: bea?.id,
      user: "Bea",
    }],
    ["user.remove", userTarget, { role: "admin", key_ids: [second.id] }],
  ]);
});

Deno.test("an entry names the agent key of a host, and refused or repeated requests add no entry", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const job = await plane.addJob();
  const headers = { "Idempotency-Key": "k" };
  await plane.call("POST", `${ORCHESTRATOR}/jobs/${job.id}/runs`, { headers });
  const count = async () => (await plane.store.audit.list({ limit: 100 })).entries.length;
  const before = await count();
  await plane.call("POST", `${ORCHESTRATOR}/jobs/${job.id}/runs`, { headers });
  await plane.call("POST", `${ORCHESTRATOR}/jobs/${job.id}/runs`);
  await plane.call("DELETE", `${ORCHESTRATOR}/jobs/${job.id}`, { headers: ANY });
  await plane.call("POST", `${API}/users`, { body: { name: "Ada" } });
  assert.equal(await count(), before);

  plane.clock.advance(1000);
  await plane.call("POST", `${ORCHESTRATOR}/register`, { as: "agent", ...registration() });
  const [agentKey] = (await plane.store.keys.list("account")).filter(({ kind }) =>
    kind === "agent"
  );
  const { entries: [entry] } = await plane.store.audit.list({ limit: 1 });
  assert.deepEqual([entry?.action, entry?.actor], ["host.update", {
    name: "a",
    user_id: null,
    key_id: agentKey?.id,
    from: PEER,
  }]);
});

Deno.test("the audit log is paged newest first, and filtered by actor, action and target", async () => {
  await using plane = await testPlane();
  for (const name of ["one", "two", "three"]) {
    plane.clock.advance(1000);
    await plane.call("POST", `${API}/agent-api-keys`, { body: { name } });
  }
  const list = async (query: string) => (await plane.call("GET", `${AUDIT}?${query}`)).body;
  const names = (page: { entries: AuditEntry[] }) => page.entries.map(({ target }) => target.name);

  const first = await list("pageSize=2");
  assert.deepEqual(names(first), ["three", "two"]);
  plane.clock.advance(1000);
  await plane.call("POST", `${API}/agent-api-keys`, { body: { name: "four" } });
  const rest = await list(`pageSize=200&pageCursor=${first.paginationInfo.nextCursor}`);
  assert.deepEqual([names(rest)[0], rest.entries.length, rest.paginationInfo], ["one", 5, {}]);

  assert.deepEqual(names(await list("actor=Ada")), ["four", "three", "two", "one"]);
  assert.deepEqual(names(await list("action=user.add")).toSorted(), ["Ada", "Max"]);
  const { target } = first.entries[0];
  assert.deepEqual(await list(`actor=Ada&action=key.create&target=${target.id}`), {
    entries: [first.entries[0]],
    paginationInfo: {},
  });
  assert.deepEqual(await list("actor=ada"), { entries: [], paginationInfo: {} });
});

// Attacker: a member or a host chooses names that the admin's spreadsheet would run as formulas.
Deno.test("no cell of the CSV file is a formula for a spreadsheet, and each entry is one record", async () => {
  await using plane = await testPlane();
  const names = ['=HYPERLINK("http://evil.test";"x")', "+1", "-1", "@SUM(A1)", "＝1+1", 'a "b", c'];
  for (const name of names) {
    plane.clock.advance(1000);
    await plane.call("POST", `${API}/agent-api-keys`, { body: { name } });
  }
  const answer = await plane.call("GET", `${AUDIT}/export?actor=Ada`);
  assert.deepEqual(
    ["content-type", "content-disposition", "cache-control"].map((name) =>
      answer.headers.get(name)
    ),
    ["text/csv; charset=utf-8", 'attachment; filename="bigeye-audit.csv"', "no-store"],
  );
  const records: string[] = answer.body.split("\r\n");
  assert.equal(
    records[0],
    '"at","actor","action","target_kind","target_name","target_id","from","actor_user_id",' +
      '"actor_key_id","details","id"',
  );
  const { entries } = await plane.store.audit.list({ actor: "Ada", limit: 100 });
  const cells = [
    `"a ""b"", c"`,
    `"'＝1+1"`,
    `"'@SUM(A1)"`,
    `"'-1"`,
    `"'+1"`,
    `"'=HYPERLINK(""http://evil.test"";""x"")"`,
  ];
  assert.deepEqual(records.slice(1), [
    ...entries.map(({ id, at, actor, target }, index) =>
      `"${at}","Ada","key.create","key",${cells[index]},"${target.id}","${PEER}",` +
      `"${actor.user_id}","${actor.key_id}","{""kind"":""agent""}","${id}"`
    ),
    "",
  ]);
});

Deno.test("the JSON lines file has every entry once, newest first, also beyond one page", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const { store, clock } = plane;
  for (let count = 0; count < 1001; count++) {
    clock.advance(1);
    await store.accounts.setCompanyPublicKey(`key ${count}`, { name: "Ada", from: PEER });
  }
  const answer = await plane.call("GET", `${AUDIT}/export?format=jsonl&action=company_key.set`);
  assert.equal(answer.headers.get("content-type"), "application/jsonl; charset=utf-8");
  const entries: AuditEntry[] = answer.body.trimEnd().split("\n")
    .map((line: string) => JSON.parse(line));
  const times = entries.map(({ at }) => at);
  assert.deepEqual([entries.length, new Set(times).size], [1001, 1001]);
  assert.deepEqual(times, times.toSorted().reverse());
  assert.deepEqual(entries[0], (await store.audit.list({ limit: 1 })).entries[0]);
});
