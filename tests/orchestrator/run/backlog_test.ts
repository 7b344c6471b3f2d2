/** A host that starts with runs of its former process and a queue of new ones. */

import assert from "node:assert/strict";
import { cancelRun, releaseRun } from "../../../orchestrator/run/control.ts";
import { Deferred, Detached } from "../../../orchestrator/run/run.ts";
import { Reconciler } from "../../../orchestrator/run/reconcile.ts";
import {
  type HostProcess,
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

/** Starts the run of the old order and detaches from it. */
async function detachFrom(world: World, host = world.process()): Promise<void> {
  const attempt = newAttempt();
  const running = run(host.needs, old, attempt);
  await untilRunning(world);
  attempt.detach.abort();
  await assert.rejects(running, Detached);
}

/** Starts a process that has found the unattended runs of the former one. */
async function nextProcess(
  world: World,
): Promise<HostProcess & { readonly reconciler: Reconciler }> {
  const host = world.process();
  const reconciler = new Reconciler(host.needs);
  await reconciler.findUnattended(signal);
  return { ...host, reconciler };
}

const journalOf = (world: World, runId: string) =>
  Object.keys(world.files.texts()).filter((path) => path.includes(runId));

Deno.test("a new order is deferred while runs are unattended, and nothing is written for it", async () => {
  const world = makeWorld();
  await detachFrom(world);
  const host = await nextProcess(world);
  await assert.rejects(run(host.needs, fresh), Deferred);
  assert.deepEqual([journalOf(world, NEW_ID), world.engine.containers.size], [[], 1]);

  const adopted = run(host.needs, old);
  while (!host.needs.active.has(RUN_ID)) await world.clock.sleep(100);
  assert.equal((await run(host.needs, fresh)).status, "succeeded");
  world.engine.containers.get(NAME)?.exit(0);
  assert.equal((await adopted).status, "succeeded");
});

Deno.test("a new order is also deferred for a run that was detached within the same process", async () => {
  const world = makeWorld();
  const host = world.process();
  await detachFrom(world, host);
  await assert.rejects(run(host.needs, fresh), Deferred);
  world.engine.containers.get(NAME)?.exit(0);
  assert.equal((await run(host.needs, old)).status, "succeeded");
  assert.equal((await run(host.needs, fresh)).status, "succeeded");
});

Deno.test("an order that is refused or canceled is not deferred", async () => {
  const world = makeWorld();
  await detachFrom(world);
  const host = await nextProcess(world);
  const expires_at = "2025-12-31T23:00:00.000Z";
  await assert.rejects(run(host.needs, { ...fresh, expires_at }), { code: "policy_denied" });
  await cancelRun(host.needs, NEW_ID);
  assert.equal((await run(host.needs, fresh)).status, "canceled");
});

Deno.test("no order is deferred for a released run", async () => {
  const world = makeWorld();
  await detachFrom(world);
  const host = await nextProcess(world);
  await releaseRun(host.needs, RUN_ID);
  assert.equal((await run(host.needs, fresh)).status, "succeeded");
});

Deno.test("no order is deferred for longer than 10 s for a run that Bigeye has closed", async () => {
  const world = makeWorld();
  await detachFrom(world);
  const host = await nextProcess(world);
  const stop = new AbortController();
  const reconciling = host.reconciler.run(stop.signal);
  await world.clock.sleep(1_000);
  await assert.rejects(run(host.needs, fresh), Deferred);
  world.workflowClosed = true;
  await world.clock.sleep(10_000);
  assert.equal((await run(host.needs, fresh)).status, "succeeded");
  stop.abort();
  await reconciling;
});

Deno.test("no order is deferred for a run with an outcome, or for one that was never accepted", async () => {
  const world = makeWorld();
  const first = world.process();
  assert.equal(
    (await run(first.needs, { ...old, task: orderOf(["exit-0"]).task })).status,
    "succeeded",
  );
  await cancelRun(first.needs, crypto.randomUUID());
  const host = await nextProcess(world);
  assert.equal((await run(host.needs, fresh)).status, "succeeded");
});

Deno.test("a folder of 1,000 old runs is read once", async () => {
  const world = makeWorld();
  const { needs } = world.process();
  for (let index = 0; index < 1_000; index++) await releaseRun(needs, crypto.randomUUID());
  await detachFrom(world);
  const host = await nextProcess(world);
  const searched = host.calls();
  await assert.rejects(run(host.needs, fresh), Deferred);
  const afterOrder = host.calls();
  await host.reconciler.reconcile(signal);
  assert.ok(searched <= 1_001, `${searched} calls for the search`);
  assert.ok(host.calls() - searched <= 10, `${afterOrder}, ${host.calls()} calls after it`);
});
