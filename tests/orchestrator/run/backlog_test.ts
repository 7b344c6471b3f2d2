/** A host that starts again with runs of its former life and a queue of new ones. */

import assert from "node:assert/strict";
import { cancelRun, releaseRun } from "../../../orchestrator/run/control.ts";
import { Deferred, Detached } from "../../../orchestrator/run/needs.ts";
import { Reconciler } from "../../../orchestrator/run/reconcile.ts";
import {
  type Life,
  makeWorld,
  NAME,
  newAttempt,
  orderOf,
  run,
  RUN_ID,
  untilRunning,
  type World,
} from "../world.ts";

const NEW_ID = "00000000-0000-4000-8000-000000000002";
const old = orderOf(["runs"]);
const fresh = orderOf(["exit-0"], { run_id: NEW_ID, job_id: "job-2" });
const signal = new AbortController().signal;

/** Has begun the old order, and let go of it. */
async function handBack(world: World, life = world.process()): Promise<void> {
  const attempt = newAttempt();
  const running = run(life.needs, old, attempt);
  await untilRunning(world);
  attempt.detach.abort();
  await assert.rejects(running, Detached);
}

/** A process that has looked at what its former life left behind. */
async function nextLife(world: World): Promise<Life & { readonly reconciler: Reconciler }> {
  const life = world.process();
  const reconciler = new Reconciler(life.needs);
  await reconciler.survey(signal);
  return { ...life, reconciler };
}

const journalOf = (world: World, runId: string) =>
  Object.keys(world.files.texts()).filter((path) => path.includes(runId));

Deno.test("a new order is put off until the runs from before are attended, and leaves no trace", async () => {
  const world = makeWorld();
  await handBack(world);
  const life = await nextLife(world);
  await assert.rejects(run(life.needs, fresh), Deferred);
  assert.deepEqual([journalOf(world, NEW_ID), world.engine.containers.size], [[], 1]);

  const adopted = run(life.needs, old);
  while (!life.needs.active.has(RUN_ID)) await world.clock.sleep(100);
  assert.equal((await run(life.needs, fresh)).status, "succeeded");
  world.engine.containers.get(NAME)?.exit(0);
  assert.equal((await adopted).status, "succeeded");
});

Deno.test("a run that was let go within one process comes before new ones as well", async () => {
  const world = makeWorld();
  const life = world.process();
  await handBack(world, life);
  await assert.rejects(run(life.needs, fresh), Deferred);
  world.engine.containers.get(NAME)?.exit(0);
  assert.equal((await run(life.needs, old)).status, "succeeded");
  assert.equal((await run(life.needs, fresh)).status, "succeeded");
});

Deno.test("an order that is to be refused or was canceled is not put off", async () => {
  const world = makeWorld();
  await handBack(world);
  const life = await nextLife(world);
  const expires_at = "2025-12-31T23:00:00.000Z";
  await assert.rejects(run(life.needs, { ...fresh, expires_at }), { code: "policy_denied" });
  await cancelRun(life.needs, NEW_ID);
  assert.equal((await run(life.needs, fresh)).status, "canceled");
});

Deno.test("a released run from before keeps nobody waiting", async () => {
  const world = makeWorld();
  await handBack(world);
  const life = await nextLife(world);
  await releaseRun(life.needs, RUN_ID);
  assert.equal((await run(life.needs, fresh)).status, "succeeded");
});

Deno.test("a run from before that Bigeye has ended keeps nobody waiting for long", async () => {
  const world = makeWorld();
  await handBack(world);
  const life = await nextLife(world);
  const stop = new AbortController();
  const reconciling = life.reconciler.run(stop.signal);
  await world.clock.sleep(1_000);
  await assert.rejects(run(life.needs, fresh), Deferred);
  world.workflowClosed = true;
  await world.clock.sleep(10_000);
  assert.equal((await run(life.needs, fresh)).status, "succeeded");
  stop.abort();
  await reconciling;
});

Deno.test("a run that has its outcome, or was never accepted, is not waited for", async () => {
  const world = makeWorld();
  const first = world.process();
  assert.equal(
    (await run(first.needs, { ...old, task: orderOf(["exit-0"]).task })).status,
    "succeeded",
  );
  await cancelRun(first.needs, crypto.randomUUID());
  const life = await nextLife(world);
  assert.equal((await run(life.needs, fresh)).status, "succeeded");
});

Deno.test("a folder of 1,000 old runs is read once", async () => {
  const world = makeWorld();
  const { needs } = world.process();
  for (let index = 0; index < 1_000; index++) await releaseRun(needs, crypto.randomUUID());
  await handBack(world);
  const life = await nextLife(world);
  const surveyed = life.calls();
  await assert.rejects(run(life.needs, fresh), Deferred);
  const afterOrder = life.calls();
  await life.reconciler.look(signal);
  assert.ok(surveyed <= 1_001, `${surveyed} calls for the survey`);
  assert.ok(life.calls() - surveyed <= 10, `${afterOrder}, ${life.calls()} calls after it`);
});
