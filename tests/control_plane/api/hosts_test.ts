/** Hosts over REST: who may register what, and how heartbeats age. */

import assert from "node:assert/strict";
import { CREDENTIALS, INSTALLATION, ORCHESTRATOR, refusal, testPlane } from "../../fakes/plane.ts";

const REGISTER = `${ORCHESTRATOR}/register`;
const STRANGER = "00000000-0000-4000-8000-00000000dead";

const registration = (changes: Record<string, unknown> = {}) => ({
  host_id: "h-1",
  installation_id: INSTALLATION,
  managed_agents: ["lineage"],
  version: "1.0.0",
  ...changes,
});

Deno.test("an admin registers a host and is told where its Temporal queue is", async () => {
  await using plane = await testPlane();
  const answer = await plane.call("POST", REGISTER, { body: registration() });
  const host = {
    host_id: "h-1",
    installation_id: INSTALLATION,
    managed_agents: ["lineage"],
    version: "1.0.0",
    engine: null,
    state: "offline",
    registered_at: "2026-01-01T00:00:00.000Z",
    last_heartbeat_at: null,
    report: null,
  };
  assert.equal(answer.status, 201);
  assert.deepEqual(answer.body, {
    host,
    temporal: {
      address: "temporal.test:7233",
      namespace: "default",
      task_queue: "bigeye-agent-host-h-1",
    },
  });
  const list = await plane.call("GET", `${ORCHESTRATOR}/hosts`, { as: "member" });
  assert.deepEqual(list.body, { hosts: [host], next_cursor: null });
  const one = await plane.call("GET", `${ORCHESTRATOR}/hosts/h-1`, { as: "member" });
  assert.deepEqual(one.body, host);
});

Deno.test("the owner updates its agent set with an agent key and keeps its first registration", async () => {
  await using plane = await testPlane();
  await plane.call("POST", REGISTER, { body: registration() });
  plane.clock.advance(60_000);
  const body = registration({ managed_agents: ["source", "lineage", "lineage"], version: "1.1.0" });
  const answer = await plane.call("POST", REGISTER, { as: "agent", body });
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body.host, {
    host_id: "h-1",
    installation_id: INSTALLATION,
    managed_agents: ["lineage", "source"],
    version: "1.1.0",
    engine: null,
    state: "offline",
    registered_at: "2026-01-01T00:00:00.000Z",
    last_heartbeat_at: null,
    report: null,
  });
});

// Another host of the company, or a thief of its agent key, claims the id of a host in order to get
// its runs.
Deno.test("another installation does not get a host's id", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const body = registration({ installation_id: STRANGER });
  for (const as of ["agent", "admin"] as const) {
    const answer = await plane.call("POST", REGISTER, { as, body });
    assert.deepEqual(refusal(answer), {
      status: 409,
      code: "host_already_registered",
      paths: [],
    });
    assert.equal(answer.body.message, "Host is already registered");
  }
  const replace = { ...body, replace: true };
  const byAgent = await plane.call("POST", REGISTER, { as: "agent", body: replace });
  assert.deepEqual(refusal(byAgent), { status: 403, code: "admin_key_required", paths: [] });
  const { body: host } = await plane.call("GET", `${ORCHESTRATOR}/hosts/h-1`);
  assert.equal(host.installation_id, INSTALLATION);
});

Deno.test("a rebuilt host takes its id back with an admin's key and replace", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const body = registration({ installation_id: STRANGER, replace: true });
  const answer = await plane.call("POST", REGISTER, { body });
  assert.deepEqual([answer.status, answer.body.host.installation_id], [200, STRANGER]);
});

Deno.test("a host whose runs are active is given to nobody, so that no machine runs them twice", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  await plane.addHost("h-2");
  const [one, other] = [await plane.addJob(), await plane.addJob({ name: "other" })];
  const elsewhere = await plane.addJob({ name: "elsewhere", host_id: "h-2" });
  const [queued, running] = [await plane.trigger(one.id), await plane.trigger(other.id)];
  await plane.trigger(elsewhere.id);
  const phases = [{ phase: "accepted", at: "2026-01-01T00:00:00.000Z" }] as const;
  await plane.store.outbox.recordPhases(running.id, phases);
  const body = registration({ installation_id: STRANGER, replace: true });
  const replace = () => plane.call("POST", REGISTER, { body });

  const { status, body: told } = await replace();
  const active = [queued.id, running.id].toSorted();
  assert.deepEqual({ status, ...told, details: told.details.slice(0, -1) }, {
    status: 409,
    code: "host_has_active_runs",
    message: 'Cannot give host "h-1" to another installation while its runs are active',
    error: 'Cannot give host "h-1" to another installation while its runs are active',
    details: active.map((message) => ({ path: "run_id", message })),
  });
  assert.deepEqual(told.details.at(-1), {
    message: 'Send "POST /api/v1/agent-orchestrator/runs/<run id>/cancel" for each run above, ' +
      "wait for their ends, and register again",
  });
  const { body: kept } = await plane.call("GET", `${ORCHESTRATOR}/hosts/h-1`);
  assert.equal(kept.installation_id, INSTALLATION);
  assert.equal((await plane.call("POST", REGISTER, { body: registration() })).status, 200);

  await plane.call("POST", `${ORCHESTRATOR}/runs/${queued.id}/cancel`);
  assert.equal((await replace()).status, 409);
  const ended_at = "2026-01-01T00:00:01.000Z";
  await plane.store.outbox.recordOutcome(running.id, { status: "succeeded", phases: [], ended_at });
  const answer = await replace();
  assert.deepEqual([answer.status, answer.body.host.installation_id], [200, STRANGER]);
});

Deno.test("a trigger and a replacement at once: either the run or the new owner, never both", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const job = await plane.addJob();
  const body = registration({ installation_id: STRANGER, replace: true });
  const [trigger, replaced] = await Promise.all([
    plane.call("POST", `${ORCHESTRATOR}/jobs/${job.id}/runs`),
    plane.call("POST", REGISTER, { body }),
  ]);
  const { body: { installation_id } } = await plane.call("GET", `${ORCHESTRATOR}/hosts/h-1`);
  const [offered] = await plane.store.outbox.undispatched(1);
  const isReplaced = replaced.status === 200;
  assert.equal(installation_id, isReplaced ? STRANGER : INSTALLATION);
  assert.deepEqual([trigger.status, offered?.installation_id], [201, installation_id]);
});

Deno.test("a new host takes an admin's personal key", async () => {
  await using plane = await testPlane();
  for (
    const [as, code] of [
      ["agent", "admin_key_required"],
      ["member", "admin_key_required"],
      ["integration", "key_kind_refused"],
    ] as const
  ) {
    const answer = await plane.call("POST", REGISTER, { as, body: registration() });
    assert.deepEqual(refusal(answer), { status: 403, code, paths: [] });
  }
});

Deno.test("a heartbeat tells the server's time, and ages from online over late to offline", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const body = { installation_id: INSTALLATION, version: "1.0.1", active_runs: [] };
  const path = `${ORCHESTRATOR}/hosts/h-1/heartbeat`;
  const answer = await plane.call("POST", path, { as: "agent", body });
  assert.deepEqual(
    [answer.status, answer.body],
    [200, { server_time: "2026-01-01T00:00:00.000Z" }],
  );
  const seen: string[] = [];
  for (const ms of [30_000, 1, 90_000 - 1, 1]) {
    plane.clock.advance(ms);
    seen.push((await plane.call("GET", `${ORCHESTRATOR}/hosts/h-1`)).body.state);
  }
  assert.deepEqual(seen, ["online", "late", "late", "offline"]);
});

Deno.test("what a host last said of itself is shown, and is gone with its owner", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const path = `${ORCHESTRATOR}/hosts/h-1/heartbeat`;
  const shownAfter = async (report: Record<string, unknown>) => {
    const body = { installation_id: INSTALLATION, version: "1", ...report };
    const { status } = await plane.call("POST", path, { as: "agent", body });
    const { body: host } = await plane.call("GET", `${ORCHESTRATOR}/hosts/h-1`);
    return [status, host.report];
  };
  const report = {
    active_runs: ["r-1"],
    disk_free_bytes: 52_613_349_376,
    clock_skew_ms: -1_500,
    complaint: { at: "2026-01-01T00:00:00.000Z", message: "temporal is not reachable" },
  };
  assert.deepEqual(await shownAfter(report), [200, report]);
  assert.deepEqual(await shownAfter({ active_runs: [] }), [200, { active_runs: [] }]);
  assert.deepEqual(await shownAfter({ ...report, disk_free_bytes: -1 }), [422, {
    active_runs: [],
  }]);
  // A page that shows it would break on what no clock reads.
  const complaint = { at: "2026-01-01T00:00:00+01", message: "a trap" };
  assert.deepEqual(await shownAfter({ active_runs: [], complaint }), [422, { active_runs: [] }]);
  await plane.call("POST", REGISTER, {
    body: registration({ installation_id: STRANGER, replace: true }),
  });
  const { body: host } = await plane.call("GET", `${ORCHESTRATOR}/hosts/h-1`);
  assert.equal(host.report, null);
});

Deno.test("a heartbeat for an unknown host, or from a former owner, is refused", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const body = { installation_id: STRANGER, version: "1", active_runs: [] };
  const beat = (id: string) =>
    plane.call("POST", `${ORCHESTRATOR}/hosts/${id}/heartbeat`, { as: "agent", body });
  assert.deepEqual(refusal(await beat("h-1")), {
    status: 409,
    code: "host_owned_elsewhere",
    paths: [],
  });
  assert.deepEqual(refusal(await beat("h-2")), {
    status: 404,
    code: "host_not_found",
    paths: [],
  });
});

// A thief of an agent key asks for the certificate of a host that is not its own.
Deno.test("a host's credentials come with its registration, and again with a heartbeat that asks", async () => {
  await using plane = await testPlane();
  const body = registration({ host_id: "tls-1" });
  const registered = await plane.call("POST", REGISTER, { body });
  const beat = async (installation_id: string, renew_certificate: boolean) => {
    const heartbeat = { installation_id, version: "1", active_runs: [], renew_certificate };
    const path = `${ORCHESTRATOR}/hosts/tls-1/heartbeat`;
    return await plane.call("POST", path, { as: "agent", body: heartbeat });
  };
  const credentials = ({ body }: { body: Record<string, unknown> }) =>
    Object.fromEntries(Object.keys(CREDENTIALS).map((name) => [name, body[name]]));
  const none = { client_certificate: undefined, ca_certificate: undefined };
  assert.deepEqual([
    credentials(registered),
    credentials(await beat(INSTALLATION, false)),
    credentials(await beat(INSTALLATION, true)),
    credentials(await beat(STRANGER, true)),
  ], [CREDENTIALS, none, CREDENTIALS, none]);
});

// A thief of an agent key fills the list of hosts, and has an admin's terminal obey what is in it.
Deno.test("what a host says of its engine is one short line", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  for (const engine of ["20.10\u001b[2J", "x".repeat(201)]) {
    const body = { installation_id: INSTALLATION, version: "1.0.1", active_runs: [], engine };
    const path = `${ORCHESTRATOR}/hosts/h-1/heartbeat`;
    const answer = await plane.call("POST", path, { as: "agent", body });
    assert.deepEqual(refusal(answer), { status: 422, code: "invalid_input", paths: ["engine"] });
  }
});
