/** `register --replace` gives a host id to another machine, but not while the first machine has active runs. */

import assert from "node:assert/strict";
import { ORCHESTRATOR } from "../../fakes/control_plane/plane.ts";
import { INSTALLATION, registration } from "../../fakes/control_plane/registration.ts";
import { makeWorld, type World } from "../world.ts";

const LINE = "bigeye-agent register --host-id prod-1 --replace";

const options = ({ plane: { keys } }: World) => ({
  env: {
    BIGEYE_URL: "https://bigeye.test",
    BIGEYE_PERSONAL_API_KEY: keys.admin,
    BIGEYE_AGENT_API_KEY: keys.agent,
  },
});

Deno.test("--replace takes over a host id", async () => {
  await using world = await makeWorld();
  await world.plane.addHost("prod-1");
  assert.equal((await world.run(LINE, options(world))).code, 0);
  const { body } = await world.plane.call("GET", `${ORCHESTRATOR}/hosts`);
  assert.notEqual(body.hosts[0].installationId, INSTALLATION);
});

Deno.test("--replace is refused while the host has active runs, and changes nothing", async () => {
  await using world = await makeWorld();
  const { plane } = world;
  await plane.addHost("prod-1");
  const [one, other] = [
    await plane.addJob({ host_id: "prod-1" }),
    await plane.addJob({ host_id: "prod-1", name: "other" }),
  ];
  const [running, queued] = [await plane.trigger(one.id), await plane.trigger(other.id)];
  const phases = [{ phase: "accepted", at: "2026-01-01T00:00:00.000Z" }] as const;
  await plane.store.outbox.recordPhases(running.id, phases);
  const files = world.files.snapshot();

  const { code, noted } = await world.run(LINE, options(world));
  assert.equal(code, 5);
  const error = noted.findIndex((line) => line.startsWith("error:"));
  assert.deepEqual(noted.slice(error), [
    'error: Cannot give host "prod-1" to another installation while its runs are active',
    ...[running.id, queued.id].toSorted().map((id) => `       run_id: ${id}`),
    ' hint: Send "POST /api/v1/agent-orchestrator/runs/<run id>/cancel" for each run above, ' +
    "wait until they have ended, and register again",
    " code: host_has_active_runs",
  ]);
  assert.deepEqual(world.files.snapshot(), files);
  assert.deepEqual(world.calls.filter((call) => !call.startsWith("GET ")), []);

  await plane.call("POST", `${ORCHESTRATOR}/runs/${queued.id}/cancel`);
  const ended_at = "2026-01-01T00:00:01.000Z";
  await plane.store.outbox.recordOutcome(running.id, { status: "succeeded", phases: [], ended_at });
  assert.equal((await world.run(LINE, options(world))).code, 0);
});

Deno.test("--replace on the machine that owns the host id is accepted even with active runs", async () => {
  await using world = await makeWorld();
  const { plane } = world;
  assert.equal((await world.run(LINE, options(world))).code, 0);
  const { body: { hosts: [owner] } } = await plane.call("GET", `${ORCHESTRATOR}/hosts`);
  const claim = registration({ host_id: "prod-1", installation_id: owner.installationId });
  await plane.call("POST", `${ORCHESTRATOR}/register`, claim);
  await plane.trigger((await plane.addJob({ host_id: "prod-1" })).id);
  assert.equal((await world.run(LINE, options(world))).code, 0);
});
