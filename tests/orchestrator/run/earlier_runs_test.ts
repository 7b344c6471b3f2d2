/** A job whose former run still works on this host although Bigeye has closed it. */

import assert from "node:assert/strict";
import { Detached } from "../../../orchestrator/run/run.ts";
import { releaseRun } from "../../../orchestrator/run/control.ts";
import {
  makeWorld,
  NAME,
  newAttempt,
  orderOf,
  run,
  RUN_ID,
  untilRunning,
  type World,
} from "../world.ts";

const NEXT_ID = "00000000-0000-4000-8000-000000000002";
const NEXT = `bigeye-run-${NEXT_ID}`;
const next = (change = {}) =>
  orderOf(["exit-0"], { run_id: NEXT_ID, issued_at: "2026-01-01T00:00:01.000Z", ...change });

/** A run that an attempt in this process works on. `detach` makes the attempt leave it. */
async function working(world: World, { host = world.process(), words = ["runs"] } = {}) {
  const attempt = newAttempt();
  const running = run(host.needs, orderOf(words), attempt);
  const ended = assert.rejects(running, Detached);
  await untilRunning(world);
  return {
    ended,
    async detach() {
      attempt.detach.abort();
      await ended;
    },
  };
}

Deno.test("the container of the job's former run is stopped and removed before the next run starts", async () => {
  const world = makeWorld();
  const former = await working(world, { words: ["runs", "ignores-term"] });
  await former.detach();
  const since = world.clock.now().getTime();
  const host = world.process();
  assert.equal((await run(host.needs, next())).status, "succeeded");
  assert.deepEqual(world.engine.changes.slice(2), [
    `create ${NEXT}`,
    `kill ${NAME}`,
    `remove ${NAME}`,
    `start ${NEXT}`,
  ]);
  assert.equal(world.clock.now().getTime() - since, 10_000);
  assert.ok((await host.needs.journals.open(RUN_ID)).record.released_at);
});

Deno.test("an attempt at the job's former run detaches before the next run starts", async () => {
  const world = makeWorld();
  const host = world.process();
  const former = await working(world, { host });
  assert.equal((await run(host.needs, next())).status, "succeeded");
  await former.ended;
  assert.deepEqual([...world.engine.containers.keys()], [NEXT]);
});

Deno.test("an attempt that has not started its container yet detaches as well", async () => {
  const world = makeWorld();
  world.temporalDown = RUN_ID;
  const host = world.process();
  const ended = assert.rejects(run(host.needs, orderOf(["runs"])), Detached);
  while (!world.engine.containers.has(NAME)) await world.clock.sleep(100);
  assert.equal((await run(host.needs, next())).status, "succeeded");
  await ended;
  assert.deepEqual([...world.engine.containers.keys()], [NEXT]);
  assert.ok(!world.engine.changes.includes(`start ${NAME}`));
});

Deno.test("runs of other jobs, containers of other owners and ended runs are not touched", async () => {
  // Attacker: a local user of Docker whose container has the job's label and the id of another run.
  const world = makeWorld();
  const host = world.process();
  const other = "00000000-0000-4000-8000-000000000003";
  const busy = await working(world, { host });
  await run(host.needs, next({ run_id: other, job_id: "job-3" }));
  const labels = world.engine.containers.get(NAME)?.labels ?? {};
  const body = {
    Image: "fake/lineage:1",
    Cmd: ["runs"],
    Labels: { ...labels, "com.bigeye.agent.job": "job-3" },
    HostConfig: { Memory: 0 },
  };
  const url = "http://engine/v1.41/containers/create?name=forged";
  await world.engine.fetch(new Request(url, { method: "POST", body: JSON.stringify(body) }));
  world.engine.containers.get("forged")?.start();
  assert.equal((await run(host.needs, next({ job_id: "job-3" }))).status, "succeeded");
  const left = [NAME, `bigeye-run-${other}`, "forged", NEXT];
  assert.deepEqual([...world.engine.containers.keys()], left);
  await busy.detach();
});

Deno.test("an order that is older than the working run does not end it", async () => {
  const world = makeWorld();
  const host = world.process();
  const former = await working(world, { host });
  await run(host.needs, next({ issued_at: "2025-12-31T23:59:00.000Z" }));
  assert.equal(world.engine.containers.get(NAME)?.status, "running");
  await former.detach();
});

Deno.test("a canceled run does not wait until the former run has stopped", async () => {
  const world = makeWorld();
  const former = await working(world, { words: ["runs", "ignores-term"] });
  await former.detach();
  const attempt = newAttempt();
  const { needs } = world.process();
  const running = run(needs, next(), attempt);
  while (!world.engine.changes.includes(`kill ${NAME}`)) await world.clock.sleep(100);
  const since = world.clock.now().getTime();
  attempt.cancel.abort();
  assert.equal((await running).status, "canceled");
  assert.ok(world.clock.now().getTime() - since < 1_000);
  await releaseRun(needs, RUN_ID);
  assert.deepEqual([...world.engine.containers.keys()], []);
});

Deno.test("two concurrent releases of a run release it once", async () => {
  const world = makeWorld();
  const former = await working(world, { words: ["runs", "ignores-term"] });
  await former.detach();
  const { needs } = world.process();
  await Promise.all([releaseRun(needs, RUN_ID), releaseRun(needs, RUN_ID)]);
  assert.deepEqual(world.engine.changes.slice(2), [`kill ${NAME}`, `remove ${NAME}`]);
});
