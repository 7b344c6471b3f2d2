/** The containers and runs that the reconciler releases, keeps and removes. */

import assert from "node:assert/strict";
import { Detached } from "../../../orchestrator/run/run.ts";
import { Reconciler } from "../../../orchestrator/run/reconcile.ts";
import { runAgentJob } from "../../../orchestrator/run/run_job.ts";
import {
  makeWorld,
  NAME,
  newAttempt,
  orderOf,
  RUN_FOLDER,
  RUN_ID,
  signed,
  untilRunning,
  type World,
} from "../world.ts";

const signal = new AbortController().signal;

/** A world with a running agent whose host process has ended. */
async function abandonedRun(): Promise<World> {
  const world = makeWorld();
  const attempt = newAttempt();
  const order = await signed(orderOf(["runs", "ignores-term"]));
  const running = runAgentJob(world.process().needs, { signed: order, attempt });
  await untilRunning(world);
  attempt.detach.abort();
  await assert.rejects(running, Detached);
  return world;
}

Deno.test("a run that Bigeye waits for is not touched before its next attempt", async () => {
  const world = await abandonedRun();
  await new Reconciler(world.process().needs).reconcile(signal);
  assert.equal(world.engine.containers.get(NAME)?.status, "running");
});

Deno.test("a run that Bigeye has closed is stopped, removed and released", async () => {
  const world = await abandonedRun();
  world.workflowClosed = true;
  const { needs } = world.process();
  await new Reconciler(needs).reconcile(signal);
  assert.equal(world.engine.containers.size, 0);
  assert.ok((await needs.journals.open(RUN_ID)).record.released_at);
});

Deno.test("an agent that was started under the host's former id is removed as well", async () => {
  const world = await abandonedRun();
  world.workflowClosed = true;
  const { needs } = world.process();
  await new Reconciler({ ...needs, host: { ...needs.host, hostId: "host-2" } }).reconcile(signal);
  assert.equal(world.engine.containers.size, 0);
});

Deno.test("the other runs are checked if one cannot be checked", async () => {
  const world = await abandonedRun();
  world.workflowClosed = true;
  const damaged = `${RUN_FOLDER.slice(0, -RUN_ID.length)}00000000-0000-4000-8000-000000000000`;
  await world.files.makeDir(damaged);
  await world.files.writeText(`${damaged}/run.json`, "{");
  const { readBytes } = world.files;
  world.files.readBytes = (path, ...range) =>
    path.startsWith(damaged)
      ? Promise.reject(new Error("input/output error"))
      : readBytes(path, ...range);
  await new Reconciler(world.process().needs).reconcile(signal);
  assert.equal(world.engine.containers.size, 0);
});

Deno.test("a container of this installation without a journal is removed, and others are kept", async () => {
  const world = await abandonedRun();
  world.workflowClosed = true;
  await world.files.remove(RUN_FOLDER);
  const { needs } = world.process();
  const other = { ...needs, host: { ...needs.host, installationId: crypto.randomUUID() } };
  await new Reconciler(other).reconcile(signal);
  assert.equal(world.engine.containers.size, 1);
  await new Reconciler(needs).reconcile(signal);
  assert.equal(world.engine.containers.size, 0);
});

Deno.test("the folder of a released run is removed after two weeks", async () => {
  const world = await abandonedRun();
  world.workflowClosed = true;
  const { needs } = world.process();
  const reconciler = new Reconciler(needs);
  await reconciler.reconcile(signal);
  await reconciler.reconcile(signal);
  assert.ok(Object.keys(world.files.texts()).some((path) => path.startsWith(RUN_FOLDER)));
  await world.clock.sleep(14 * 24 * 3_600_000 + 1_000);
  await reconciler.reconcile(signal);
  assert.ok(!Object.keys(world.files.texts()).some((path) => path.startsWith(RUN_FOLDER)));
});

Deno.test("a damaged journal is renamed, and its run is not run again", async () => {
  const world = makeWorld();
  await world.files.makeDir(RUN_FOLDER);
  await world.files.writeText(`${RUN_FOLDER}/run.json`, "{ torn");
  const host = world.process();
  const order = await signed(orderOf(["exit-0"]));
  const outcome = await runAgentJob(host.needs, { signed: order, attempt: newAttempt() });
  assert.deepEqual([outcome.status, outcome.reason], ["failed", "lost_container"]);
  assert.deepEqual(world.engine.changes, []);
  const aside = Object.keys(world.files.texts()).filter((path) => path.includes("damaged"));
  assert.deepEqual(aside.map((path) => world.files.texts()[path]), ["{ torn"]);
  assert.equal(host.logged[0]?.message, "run journal damaged, moved aside");
});
