/** Removing a host over REST: when it is allowed, what is kept, and who may register its id. */

import assert from "node:assert/strict";
import type { RunOutcome } from "../../../../lib/contract/run.ts";
import { ANY, ORCHESTRATOR, refusal, testPlane } from "../../../fakes/control_plane/plane.ts";
import {
  heartbeat,
  INSTALLATION,
  registration,
} from "../../../fakes/control_plane/registration.ts";

const HOST = `${ORCHESTRATOR}/hosts/h-1`;
const REBUILT = "00000000-0000-4000-8000-00000000beef";
const ENDED: RunOutcome = { status: "succeeded", phases: [], ended_at: "2026-01-01T00:00:01.000Z" };

Deno.test("a host with active runs or jobs is not removed, and its runs are kept afterwards", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  await plane.addHost("h-2");
  const job = await plane.addJob();
  await plane.addJob({ name: "elsewhere", host_id: "h-2" });
  const run = await plane.trigger(job.id);
  const remove = () => plane.call("DELETE", HOST);

  const active = await remove();
  assert.deepEqual([active.status, active.body.code, active.body.message, active.body.details], [
    409,
    "host_has_active_runs",
    'Cannot remove host "h-1" while its runs are active',
    [
      { path: "run_id", message: run.id },
      {
        message:
          'Send "POST /api/v1/agent-orchestrator/runs/<run id>/cancel" for each run above, ' +
          "wait until they have ended, and remove it again",
      },
    ],
  ]);
  await plane.store.outbox.recordOutcome(run.id, ENDED);

  const named = await remove();
  assert.deepEqual([named.status, named.body.code, named.body.message, named.body.details], [
    409,
    "host_has_jobs",
    'Cannot remove host "h-1" while jobs are defined for it',
    [
      { path: "job_id", message: job.id },
      {
        message: 'Send "DELETE /api/v1/agent-orchestrator/jobs/<job id>" for each job above, or ' +
          "PATCH its host_id to another host, either with its ETag as If-Match, and remove it again",
      },
    ],
  ]);
  await plane.call("PATCH", `${ORCHESTRATOR}/jobs/${job.id}`, {
    body: { host_id: "h-2" },
    headers: ANY,
  });

  assert.equal((await remove()).status, 204);
  assert.deepEqual(refusal(await remove()), { status: 404, code: "host_not_found", paths: [] });
  const { body: list } = await plane.call("GET", `${ORCHESTRATOR}/hosts`);
  assert.deepEqual(list.hosts.map(({ hostId }: { hostId: string }) => hostId), ["h-2"]);
  const { body: kept } = await plane.call("GET", `${ORCHESTRATOR}/runs/${run.id}`);
  assert.deepEqual([kept.host_id, kept.status], ["h-1", "succeeded"]);
});

Deno.test("a removal is in the audit log, and a refused one is not", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const job = await plane.addJob();
  await plane.call("DELETE", HOST);
  await plane.call("DELETE", `${ORCHESTRATOR}/jobs/${job.id}`, { headers: ANY });
  await plane.call("DELETE", HOST);
  const { entries } = await plane.store.audit.list({ action: "host.remove", limit: 10 });
  assert.deepEqual(entries.map(({ actor, target, details }) => [actor.name, target, details]), [[
    "Ada",
    { kind: "host", id: "h-1", name: "h-1" },
    { installation_id: INSTALLATION, managed_agents: ["datahealth", "lineage"], version: "1.0.0" },
  ]]);
});

Deno.test("another installation can register the id of a removed host", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  await plane.call("DELETE", HOST);
  const beat = (installation: string) =>
    plane.call("POST", `${ORCHESTRATOR}/heartbeat`, {
      as: "agent",
      ...heartbeat("h-1", {}, { installation }),
    });
  assert.deepEqual(refusal(await beat(INSTALLATION)), {
    status: 404,
    code: "host_not_found",
    paths: [],
  });
  const claim = registration({ installation_id: REBUILT });
  const { status } = await plane.call("POST", `${ORCHESTRATOR}/register`, claim);
  assert.equal(status, 200);
  assert.equal((await beat(REBUILT)).status, 200);
});

Deno.test("when a job is created while its host is removed, exactly one of both succeeds", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const body = {
    name: "nightly",
    host_id: "h-1",
    agent_type: "lineage",
    parameters: { connectors: ["snowflake"] },
    run_limit_seconds: 60,
  };
  const [created, removed] = await Promise.all([
    plane.call("POST", `${ORCHESTRATOR}/jobs`, { body }),
    plane.call("DELETE", HOST),
  ]);
  assert.ok(
    [[201, 409], [422, 204]].some(([create, remove]) =>
      created.status === create && removed.status === remove
    ),
    `${created.status} ${removed.status}`,
  );
});
