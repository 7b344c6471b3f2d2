import assert from "node:assert/strict";
import { Detached } from "../../../orchestrator/run/needs.ts";
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

/** A host that let go of a running agent and was started again. */
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

Deno.test("a run that Bigeye waits for is left to its next attempt", async () => {
  const world = await abandonedRun();
  await new Reconciler(world.process().needs).look(signal);
  assert.equal(world.engine.containers.get(NAME)?.status, "running");
});

Deno.test("a run that nobody waits for is stopped, removed and released", async () => {
  const world = await abandonedRun();
  world.workflowClosed = true;
  const { needs } = world.process();
  await new Reconciler(needs).look(signal);
  assert.equal(world.engine.containers.size, 0);
  assert.ok((await needs.journals.open(RUN_ID)).record.released_at);
});

Deno.test("an agent that was begun under the host's former id is not left running", async () => {
  const world = await abandonedRun();
  world.workflowClosed = true;
  const { needs } = world.process();
  await new Reconciler({ ...needs, host: { ...needs.host, hostId: "host-2" } }).look(signal);
  assert.equal(world.engine.containers.size, 0);
});

Deno.test("one run that cannot be looked at keeps no other from being looked at", async () => {
  const world = await abandonedRun();
  world.workflowClosed = true;
  const damaged = `${RUN_FOLDER.slice(0, -RUN_ID.length)}00000000-0000-4000-8000-000000000000`;
  await world.files.makeDir(damaged);
  await world.files.writeText(`${damaged}/run.json`, "{");
  const { readText } = world.files;
  world.files.readText = (path) =>
    path.startsWith(damaged) ? Promise.reject(new Error("input/output error")) : readText(path);
  await new Reconciler(world.process().needs).look(signal);
  assert.equal(world.engine.containers.size, 0);
});

Deno.test("a container of ours without a journal goes as well, others' stay", async () => {
  const world = await abandonedRun();
  world.workflowClosed = true;
  await world.files.remove(RUN_FOLDER);
  const { needs } = world.process();
  const stranger = { ...needs, host: { ...needs.host, installationId: crypto.randomUUID() } };
  await new Reconciler(stranger).look(signal);
  assert.equal(world.engine.containers.size, 1);
  await new Reconciler(needs).look(signal);
  assert.equal(world.engine.containers.size, 0);
});

Deno.test("the folder of a released run goes after two weeks", async () => {
  const world = await abandonedRun();
  world.workflowClosed = true;
  const { needs } = world.process();
  const reconciler = new Reconciler(needs);
  await reconciler.look(signal);
  await reconciler.look(signal);
  assert.ok(Object.keys(world.files.texts()).some((path) => path.startsWith(RUN_FOLDER)));
  await world.clock.sleep(14 * 24 * 3_600_000 + 1_000);
  await reconciler.look(signal);
  assert.ok(!Object.keys(world.files.texts()).some((path) => path.startsWith(RUN_FOLDER)));
});

Deno.test("a damaged journal is set aside, and its run is not run again", async () => {
  const world = makeWorld();
  await world.files.makeDir(RUN_FOLDER);
  await world.files.writeText(`${RUN_FOLDER}/run.json`, "{ torn");
  const life = world.process();
  const order = await signed(orderOf(["exit-0"]));
  const outcome = await runAgentJob(life.needs, { signed: order, attempt: newAttempt() });
  assert.deepEqual([outcome.status, outcome.reason], ["failed", "lost_container"]);
  assert.deepEqual(world.engine.changes, []);
  const aside = Object.keys(world.files.texts()).filter((path) => path.includes("damaged"));
  assert.deepEqual(aside.map((path) => world.files.texts()[path]), ["{ torn"]);
  assert.equal(life.logged[0]?.message, "run journal damaged, set aside");
});
