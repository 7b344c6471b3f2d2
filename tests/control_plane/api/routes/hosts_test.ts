/** Hosts over REST: who may register and replace a host. */

import assert from "node:assert/strict";
import {
  type CallOptions,
  ORCHESTRATOR,
  refusal,
  testPlane,
} from "../../../fakes/control_plane/plane.ts";
import { INSTALLATION, registration, STRANGER } from "../../../fakes/control_plane/registration.ts";

const REGISTER = `${ORCHESTRATOR}/register`;

Deno.test("an admin registers a host and gets the address of its Temporal queue", async () => {
  await using plane = await testPlane();
  const answer = await plane.call("POST", REGISTER, {
    headers: { "X-Bigeye-Agent-Installation": INSTALLATION },
    body: {
      hostId: "h-1",
      orchestratorVersion: "1.0.0",
      managedAgents: ["MANAGED_AGENT_TYPE_LINEAGE_PLUS"],
    },
  });
  const host = {
    hostId: "h-1",
    orchestratorVersion: "1.0.0",
    registeredAtEpochSeconds: "1767225600",
    managedAgents: ["MANAGED_AGENT_TYPE_LINEAGE_PLUS"],
    status: "AGENT_ORCHESTRATOR_STATUS_REGISTERED",
    installationId: INSTALLATION,
    state: "offline",
  };
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body, {
    host,
    temporal: {
      address: "temporal.test:7233",
      namespace: "default",
      taskQueue: "bigeye-agent-host-h-1",
    },
    takesReports: true,
  });
  const list = await plane.call("GET", `${ORCHESTRATOR}/hosts`, { as: "member" });
  assert.deepEqual(list.body, { hosts: [host] });
  const one = await plane.call("GET", `${ORCHESTRATOR}/hosts/h-1`, { as: "member" });
  assert.deepEqual(one.body, host);
});

Deno.test("the owner updates its agents with an agent key, and keeps its registration time", async () => {
  await using plane = await testPlane();
  await plane.call("POST", REGISTER, registration());
  plane.clock.advance(60_000);
  const claim = registration({
    managed_agents: ["source", "lineage", "lineage"],
    version: "1.1.0",
  });
  const answer = await plane.call("POST", REGISTER, { as: "agent", ...claim });
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body.host, {
    hostId: "h-1",
    orchestratorVersion: "1.1.0",
    registeredAtEpochSeconds: "1767225600",
    managedAgents: ["MANAGED_AGENT_TYPE_LINEAGE_PLUS", "MANAGED_AGENT_TYPE_DATA_SOURCE"],
    status: "AGENT_ORCHESTRATOR_STATUS_REGISTERED",
    installationId: INSTALLATION,
    state: "offline",
  });
});

// Attacker: another host of the company, or a thief of its agent key, registers a host's id to get its runs.
Deno.test("another installation cannot register the id of a host", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const claim = registration({ installation_id: STRANGER });
  for (const as of ["agent", "admin"] as const) {
    const answer = await plane.call("POST", REGISTER, { as, ...claim });
    assert.deepEqual(refusal(answer), {
      status: 409,
      code: "host_already_registered",
      paths: [],
    });
    assert.equal(answer.body.message, "Host is already registered");
  }
  const replace = registration({ installation_id: STRANGER, replace: true });
  const byAgent = await plane.call("POST", REGISTER, { as: "agent", ...replace });
  assert.deepEqual(refusal(byAgent), { status: 403, code: "admin_key_required", paths: [] });
  const { body: host } = await plane.call("GET", `${ORCHESTRATOR}/hosts/h-1`);
  assert.equal(host.installationId, INSTALLATION);
});

Deno.test("a rebuilt host can take its id back with an admin's key and replace", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const claim = registration({ installation_id: STRANGER, replace: true });
  const answer = await plane.call("POST", REGISTER, claim);
  assert.deepEqual([answer.status, answer.body.host.installationId], [200, STRANGER]);
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
  const claim = registration({ installation_id: STRANGER, replace: true });
  const replace = () => plane.call("POST", REGISTER, claim);

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
  assert.equal(kept.installationId, INSTALLATION);
  assert.equal((await plane.call("POST", REGISTER, registration())).status, 200);

  await plane.call("POST", `${ORCHESTRATOR}/runs/${queued.id}/cancel`);
  assert.equal((await replace()).status, 409);
  const ended_at = "2026-01-01T00:00:01.000Z";
  await plane.store.outbox.recordOutcome(running.id, { status: "succeeded", phases: [], ended_at });
  const answer = await replace();
  assert.deepEqual([answer.status, answer.body.host.installationId], [200, STRANGER]);
});

Deno.test("when a job is triggered while its host is replaced, its run belongs to the owner", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const job = await plane.addJob();
  const claim = registration({ installation_id: STRANGER, replace: true });
  const [trigger, replaced] = await Promise.all([
    plane.call("POST", `${ORCHESTRATOR}/jobs/${job.id}/runs`),
    plane.call("POST", REGISTER, claim),
  ]);
  const { body: { installationId } } = await plane.call("GET", `${ORCHESTRATOR}/hosts/h-1`);
  const [offered] = await plane.store.outbox.undispatched(1);
  const isReplaced = replaced.status === 200;
  assert.equal(installationId, isReplaced ? STRANGER : INSTALLATION);
  assert.deepEqual([trigger.status, offered?.installation_id], [201, installationId]);
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
    const answer = await plane.call("POST", REGISTER, { as, ...registration() });
    assert.deepEqual(refusal(answer), { status: 403, code, paths: [] });
  }
});

Deno.test("a registration without a company key is refused, and adds neither a host nor an audit entry", async () => {
  await using plane = await testPlane();
  const { body: before } = await plane.call("GET", "/api/v1/audit");
  const answer = await plane.call("POST", REGISTER, registration({ host_id: "early-1" }));
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

Deno.test("an agent type of a newer host is kept and shown as it is, and no job can be for it", async () => {
  await using plane = await testPlane();
  const managed_agents = ["lineage", "MANAGED_AGENT_TYPE_NEWER"];
  await plane.call("POST", REGISTER, registration({ managed_agents }));
  const { body: host } = await plane.call("GET", `${ORCHESTRATOR}/hosts/h-1`);
  assert.deepEqual(host.managedAgents, [
    "MANAGED_AGENT_TYPE_NEWER",
    "MANAGED_AGENT_TYPE_LINEAGE_PLUS",
  ]);
  assert.equal((await plane.addJob()).host_id, "h-1");
});

// Attacker: has an agent key, and fills the pages of hosts.
Deno.test("agent types that are long, many or not printable are refused", async () => {
  await using plane = await testPlane();
  for (const managed_agents of [["x".repeat(65)], ["a\u001b[2J"], Array(101).fill("lineage")]) {
    const answer = await plane.call("POST", REGISTER, registration({ managed_agents }));
    assert.deepEqual([answer.status, answer.body.code], [422, "invalid_input"]);
  }
});

Deno.test("a client that knows only the published call registers a host, and a host takes it over", async () => {
  await using plane = await testPlane();
  const published = { host_id: "h-1", orchestrator_version: "9", managed_agents: [5, "NEWER"] };
  const call = (as: "admin" | "agent", options: CallOptions = { body: published }) =>
    plane.call("POST", REGISTER, { as, ...options });
  assert.equal((await call("agent")).status, 403);
  const { body: { host } } = await call("admin");
  assert.deepEqual([host.installationId, host.managedAgents], [
    undefined,
    ["NEWER", "MANAGED_AGENT_TYPE_DATAHEALTH"],
  ]);
  assert.equal((await call("admin", registration())).status, 200);
  // The client brings the host up to date, and the owner stays.
  const { body: { host: kept } } = await call("admin");
  assert.deepEqual([kept.installationId, kept.orchestratorVersion], [INSTALLATION, "9"]);
});

Deno.test("an installation that is no UUID is refused with the header's name", async () => {
  await using plane = await testPlane();
  const headers = { "X-Bigeye-Agent-Installation": "h-1" };
  const answer = await plane.call("POST", REGISTER, { ...registration(), headers });
  assert.deepEqual(refusal(answer), {
    status: 422,
    code: "invalid_input",
    paths: ["X-Bigeye-Agent-Installation"],
  });
});
