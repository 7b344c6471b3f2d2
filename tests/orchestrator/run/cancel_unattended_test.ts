/** A cancel that comes after one attempt at a run has let go of it and before the next one holds it. */

import assert from "node:assert/strict";
import { cancelRun } from "../../../orchestrator/run/control.ts";
import { Detached } from "../../../orchestrator/run/needs.ts";
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

/** A run that works and that no attempt holds. */
async function unattended(words: string[]): Promise<World> {
  const world = makeWorld();
  const attempt = newAttempt();
  const running = run(world.process().needs, orderOf(words), attempt);
  await untilRunning(world);
  attempt.detach.abort();
  await assert.rejects(running, Detached);
  return world;
}

Deno.test("the agent has its SIGTERM at once, and the next attempt tells of the stop", async () => {
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

Deno.test("an agent that ignores it is killed by the next attempt, after the grace", async () => {
  const world = await unattended(["runs", "ignores-term"]);
  await cancelRun(world.process().needs, RUN_ID);
  const { status, exit_code } = await run(world.process().needs, orderOf(["runs", "ignores-term"]));
  assert.deepEqual([status, exit_code], ["canceled", 137]);
});

Deno.test("a cancel holds while the engine is away", async () => {
  const world = await unattended(["runs"]);
  world.engineDown = true;
  const life = world.process();
  await cancelRun(life.needs, RUN_ID);
  assert.equal(life.logged.at(-1)?.message, "SIGTERM left to the next attempt");
  world.engineDown = false;
  assert.equal((await run(world.process().needs, orderOf(["runs"]))).status, "canceled");
});

Deno.test("an engine that never answers does not hold up a cancel", async () => {
  const world = await unattended(["runs"]);
  const life = world.process();
  const hang = (_: string, signal?: AbortSignal) =>
    new Promise<never>((_resolve, reject) =>
      signal?.addEventListener("abort", () => reject(signal.reason))
    );
  const engine = Object.create(life.needs.engine, { inspectContainer: { value: hang } });
  const since = world.clock.now().getTime();
  await cancelRun({ ...life.needs, engine }, RUN_ID);
  assert.equal(world.clock.now().getTime() - since, 5_000);
  world.engine.containers.get(NAME)?.exit(0);
});

Deno.test("a cancel leaves the container of another owner alone", async () => {
  // Who: somebody who can name any run in a cancel, to have this host signal containers of others.
  const world = await unattended(["runs"]);
  const { needs } = world.process();
  const host = { ...needs.host, installationId: crypto.randomUUID() };
  await cancelRun({ ...needs, host }, RUN_ID);
  assert.equal(world.engine.containers.get(NAME)?.status, "running");
});
