/** A cancel of a run that no attempt holds: between two attempts, before the first, or after the end. */

import assert from "node:assert/strict";
import { cancelRun, releaseRun } from "../../../orchestrator/run/control.ts";
import { Detached } from "../../../orchestrator/run/run.ts";
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

/** Creates a world with a running container without an attempt. */
async function unattended(words: string[]): Promise<World> {
  const world = makeWorld();
  const attempt = newAttempt();
  const running = run(world.process().needs, orderOf(words), attempt);
  await untilRunning(world);
  attempt.detach.abort();
  await assert.rejects(running, Detached);
  return world;
}

Deno.test("the agent of a canceled run gets SIGTERM at once, and the next attempt reports the stop", async () => {
  const world = await unattended(["runs"]);
  const { needs } = world.process();
  await cancelRun(needs, RUN_ID);
  await cancelRun(needs, RUN_ID);
  assert.deepEqual(world.engine.changes, [`create ${NAME}`, `start ${NAME}`, `kill ${NAME}`]);
  const { status, reason, phases, exit_code } = await run(world.process().needs, orderOf(["runs"]));
  assert.deepEqual([status, reason, exit_code], ["canceled", "canceled_by_user", 143]);
  assert.deepEqual(phases.map(({ phase }) => phase), [
    "accepted",
    "starting",
    "running",
    "stopping",
  ]);
});

Deno.test("a cancel that arrives twice at the same time stops the agent once", async () => {
  const world = await unattended(["runs"]);
  const { needs, logged } = world.process();
  await Promise.all([cancelRun(needs, RUN_ID), cancelRun(needs, RUN_ID)]);
  assert.deepEqual(world.engine.changes, [`create ${NAME}`, `start ${NAME}`, `kill ${NAME}`]);
  assert.deepEqual(logged.map(({ message }) => message), ["cancel requested"]);
  const { phases } = await run(world.process().needs, orderOf(["runs"]));
  assert.equal(phases.filter(({ phase }) => phase === "stopping").length, 1);
});

Deno.test("a cancel that arrives twice before its order is logged once, and the order is not run", async () => {
  const world = makeWorld();
  const { needs, logged } = world.process();
  await cancelRun(needs, RUN_ID);
  await cancelRun(needs, RUN_ID);
  assert.deepEqual(logged.map(({ message }) => message), ["cancel requested"]);
  const { status, reason } = await run(needs, orderOf(["runs"]));
  assert.deepEqual([status, reason], ["canceled", "canceled_by_user"]);
  assert.deepEqual(world.engine.changes, []);
});

Deno.test("a cancel changes nothing after the end of its run, nor after its release", async () => {
  const world = makeWorld();
  const { needs } = world.process();
  await run(needs, orderOf(["exit-0"]));
  const ended = world.files.texts();
  await cancelRun(needs, RUN_ID);
  assert.deepEqual(world.files.texts(), ended);

  const neverSeen = crypto.randomUUID();
  for (const runId of [RUN_ID, neverSeen]) await releaseRun(needs, runId);
  const released = world.files.texts();
  for (const runId of [RUN_ID, neverSeen]) await cancelRun(needs, runId);
  assert.deepEqual(world.files.texts(), released);
});

Deno.test("an agent that ignores SIGTERM is killed by the next attempt, after the grace", async () => {
  const world = await unattended(["runs", "ignores-term"]);
  await cancelRun(world.process().needs, RUN_ID);
  const { status, exit_code } = await run(world.process().needs, orderOf(["runs", "ignores-term"]));
  assert.deepEqual([status, exit_code], ["canceled", 137]);
});

Deno.test("a cancel while the engine is down is not lost", async () => {
  const world = await unattended(["runs"]);
  world.engineDown = true;
  const host = world.process();
  await cancelRun(host.needs, RUN_ID);
  assert.equal(
    host.logged.at(-1)?.message,
    "could not send SIGTERM, leaving it to the next attempt",
  );
  world.engineDown = false;
  assert.equal((await run(world.process().needs, orderOf(["runs"]))).status, "canceled");
});

Deno.test("an engine that never answers delays a cancel by 5 s at most", async () => {
  const world = await unattended(["runs"]);
  const host = world.process();
  const hang = (_: string, signal?: AbortSignal) =>
    new Promise<never>((_resolve, reject) =>
      signal?.addEventListener("abort", () => reject(signal.reason))
    );
  const engine = Object.create(host.needs.engine, { inspectContainer: { value: hang } });
  const since = world.clock.now().getTime();
  await cancelRun({ ...host.needs, engine }, RUN_ID);
  assert.equal(world.clock.now().getTime() - since, 5_000);
  world.engine.containers.get(NAME)?.exit(0);
});

Deno.test("a cancel sends no signal to the container of another owner", async () => {
  // Attacker: can send cancels for any run id, and wants this host to signal containers of others.
  const world = await unattended(["runs"]);
  const { needs } = world.process();
  const host = { ...needs.host, installationId: crypto.randomUUID() };
  await cancelRun({ ...needs, host }, RUN_ID);
  assert.equal(world.engine.containers.get(NAME)?.status, "running");
});
