/** Jobs over REST: eligible hosts, edits and deletion. */

import assert from "node:assert/strict";
import { registration } from "../../../fakes/control_plane/registration.ts";
import {
  ANY,
  LINEAGE_JOB,
  ORCHESTRATOR,
  refusal,
  testPlane,
} from "../../../fakes/control_plane/plane.ts";

const JOBS = `${ORCHESTRATOR}/jobs`;

Deno.test("a job is created, shown, and listed by name with its last run", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const { run_limit_seconds: _, ...body } = LINEAGE_JOB;
  const created = await plane.call("POST", JOBS, { body });
  const job = {
    ...body,
    id: created.body.id,
    run_limit_seconds: 14_400,
    schedule: null,
    next_fire_times: [],
    created_at: "2026-01-01T00:00:00.000Z",
    updated_at: "2026-01-01T00:00:00.000Z",
    version: 1,
    last_run: null,
  };
  assert.deepEqual([created.status, created.body], [201, job]);

  const other = await plane.addJob({ name: "hourly" });
  plane.clock.advance(1000);
  const run = await plane.trigger(job.id);
  const last_run = { id: run.id, status: "queued", created_at: "2026-01-01T00:00:01.000Z" };
  const list = await plane.call("GET", JOBS, { as: "member" });
  assert.deepEqual(list.body, { jobs: [other, { ...job, last_run }], paginationInfo: {} });
  const shown = await plane.call("GET", `${JOBS}/${job.id}`, { as: "member" });
  assert.deepEqual(shown.body, { ...job, last_run });
});

Deno.test("a job cannot be created for or moved to an unknown host or one without its agent type", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const refused = { status: 422, code: "host_not_eligible", paths: ["host_id"] };
  const body = { ...LINEAGE_JOB, agent_type: "external-monitors" };
  assert.deepEqual(refusal(await plane.call("POST", JOBS, { body })), refused);
  const nowhere = { ...LINEAGE_JOB, host_id: "h-2" };
  assert.deepEqual(refusal(await plane.call("POST", JOBS, { body: nowhere })), refused);
  const { id } = await plane.addJob();
  const moved = await plane.call("PATCH", `${JOBS}/${id}`, {
    body: { host_id: "h-2" },
    headers: ANY,
  });
  assert.deepEqual(refusal(moved), refused);
});

Deno.test("a trigger is refused when the host no longer has the agent type", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const { id } = await plane.addJob();
  const claim = registration({ managed_agents: ["datahealth"] });
  await plane.call("POST", `${ORCHESTRATOR}/register`, claim);
  assert.deepEqual(refusal(await plane.call("POST", `${JOBS}/${id}/runs`)), {
    status: 422,
    code: "host_not_eligible",
    paths: ["host_id"],
  });
});

Deno.test("a job can be edited when its host no longer has the agent type, but not moved to such a host", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  await plane.addHost("h-2", ["datahealth"]);
  const { id } = await plane.addJob({ schedule: { cron: "30 2 * * *", time_zone: "UTC" } });
  const claim = registration({ managed_agents: ["datahealth"] });
  await plane.call("POST", `${ORCHESTRATOR}/register`, claim);
  const patch = (change: unknown) =>
    plane.call("PATCH", `${JOBS}/${id}`, { body: change, headers: ANY });
  const changes = [
    { schedule: { paused: true } },
    { schedule: { cron: "0 4 * * *" } },
    { name: "renamed", host_id: "h-1" },
    { schedule: null },
  ];
  for (const change of changes) assert.equal((await patch(change)).status, 200);
  assert.deepEqual(refusal(await patch({ host_id: "h-2" })), {
    status: 422,
    code: "host_not_eligible",
    paths: ["host_id"],
  });
  const { name, host_id, schedule } = (await plane.call("GET", `${JOBS}/${id}`)).body;
  assert.deepEqual({ name, host_id, schedule }, {
    name: "renamed",
    host_id: "h-1",
    schedule: null,
  });
});

Deno.test("an edit changes the next run and not the active one", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const job = await plane.addJob();
  const run = await plane.trigger(job.id);
  plane.clock.advance(5000);
  const parameters = { connectors: ["tableau"], connection_name: "finance" };
  const edited = await plane.call("PATCH", `${JOBS}/${job.id}`, {
    body: { parameters },
    headers: ANY,
  });
  assert.deepEqual(edited.body, {
    ...job,
    parameters,
    updated_at: "2026-01-01T00:00:05.000Z",
    version: 2,
    last_run: { id: run.id, status: "queued", created_at: run.created_at },
  });
  const active = await plane.call("GET", `${ORCHESTRATOR}/runs/${run.id}`);
  assert.deepEqual(active.body.parameters, LINEAGE_JOB.parameters);
  await plane.call("POST", `${ORCHESTRATOR}/runs/${run.id}/cancel`);
  assert.deepEqual((await plane.trigger(job.id)).parameters, parameters);
});

Deno.test("an edit is validated for the job's agent type, which cannot be changed", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const { id } = await plane.addJob();
  const body = { parameters: { file_name: "checks.yml" } };
  assert.deepEqual(refusal(await plane.call("PATCH", `${JOBS}/${id}`, { body, headers: ANY })), {
    status: 422,
    code: "invalid_input",
    paths: ["parameters.connectors", "parameters.file_name"],
  });
  const typed = await plane.call("PATCH", `${JOBS}/${id}`, {
    body: { agent_type: "datahealth" },
    headers: ANY,
  });
  assert.deepEqual(refusal(typed), { status: 422, code: "invalid_input", paths: ["agent_type"] });
});

Deno.test("a job with an active run cannot be deleted, and its runs are kept after the deletion", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const job = await plane.addJob();
  const run = await plane.trigger(job.id);
  const kept = await plane.call("DELETE", `${JOBS}/${job.id}`, { headers: ANY });
  assert.deepEqual(refusal(kept), { status: 409, code: "job_has_active_run", paths: ["run_id"] });

  const canceled = await plane.call("POST", `${ORCHESTRATOR}/runs/${run.id}/cancel`);
  assert.equal((await plane.call("DELETE", `${JOBS}/${job.id}`, { headers: ANY })).status, 204);
  assert.equal((await plane.call("GET", `${JOBS}/${job.id}`)).status, 404);
  const history = await plane.call("GET", `${ORCHESTRATOR}/runs/${run.id}`);
  assert.deepEqual(history.body, { ...canceled.body, job_id: null, job_name: "nightly" });
});
