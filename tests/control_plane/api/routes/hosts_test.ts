/** Hosts over REST: who may register and replace a host. */

import assert from "node:assert/strict";
import {
  INSTALLATION,
  ORCHESTRATOR,
  refusal,
  testPlane,
} from "../../../fakes/control_plane/plane.ts";
import { registration, STRANGER } from "../../../fakes/control_plane/registration.ts";

const REGISTER = `${ORCHESTRATOR}/register`;

Deno.test("an admin registers a host and gets the address of its Temporal queue", async () => {
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

Deno.test("the owner updates its agents with an agent key, and keeps its registration time", async () => {
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

// Attacker: another host of the company, or a thief of its agent key, registers a host's id to get its runs.
Deno.test("another installation cannot register the id of a host", async () => {
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

Deno.test("a rebuilt host can take its id back with an admin's key and replace", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const body = registration({ installation_id: STRANGER, replace: true });
  const answer = await plane.call("POST", REGISTER, { body });
  assert.deepEqual([answer.status, answer.body.host.installation_id], [200, STRANGER]);
});

Deno.test("a host with active runs cannot be replaced, so that no run runs twice", async () => {
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

  const { status, body: refused } = await replace();
  const active = [queued.id, running.id].toSorted();
  assert.deepEqual({ status, ...refused, details: refused.details.slice(0, -1) }, {
    status: 409,
    code: "host_has_active_runs",
    message: 'Cannot give host "h-1" to another installation while its runs are active',
    error: 'Cannot give host "h-1" to another installation while its runs are active',
    details: active.map((message) => ({ path: "run_id", message })),
  });
  assert.deepEqual(refused.details.at(-1), {
    message: 'Send "POST /api/v1/agent-orchestrator/runs/<run id>/cancel" for each run above, ' +
      "wait until they have ended, and register again",
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

Deno.test("when a job is triggered while its host is replaced, its run belongs to the owner", async () => {
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

Deno.test("a new host can be registered with an admin's personal key only", async () => {
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

Deno.test("a registration without a company key is refused, and adds neither a host nor an audit entry", async () => {
  await using plane = await testPlane();
  const { body: before } = await plane.call("GET", "/api/v1/audit");
  const answer = await plane.call("POST", REGISTER, { body: registration({ host_id: "early-1" }) });
  assert.deepEqual([answer.status, answer.body], [409, {
    code: "company_key_missing",
    message: "Cannot issue a certificate: the account has no public key yet",
    error: "Cannot issue a certificate: the account has no public key yet",
    details: [{ message: 'Run "bigeye-agent register", which makes the key pair first' }],
  }]);
  const { body: { hosts } } = await plane.call("GET", `${ORCHESTRATOR}/hosts`);
  const { body: after } = await plane.call("GET", "/api/v1/audit");
  assert.deepEqual([hosts, after], [[], before]);
});
