/** Runs whose container was removed, or belongs to another owner. */

import assert from "node:assert/strict";
import { releaseRun } from "../../../orchestrator/run/control.ts";
import { Detached } from "../../../orchestrator/run/run.ts";
import { makeWorld, NAME, newAttempt, orderOf, run, RUN_ID, untilRunning } from "../world.ts";

Deno.test("a container of another owner with the run's name is not touched, and the run fails", async () => {
  // Attacker: a local user of Docker who guesses a run's name, so that their container is taken for the agent's.
  const world = makeWorld();
  const body = { Image: "fake/lineage:1", Cmd: ["runs"], Labels: {}, HostConfig: { Memory: 0 } };
  const url = `http://engine/v1.41/containers/create?name=${NAME}`;
  await world.engine.fetch(new Request(url, { method: "POST", body: JSON.stringify(body) }));
  const { needs } = world.process();
  const outcome = await run(needs, orderOf(["exit-0"]));
  assert.deepEqual([outcome.status, outcome.reason], ["failed", "internal"]);
  assert.match(outcome.message ?? "", new RegExp(NAME));
  await releaseRun(needs, RUN_ID);
  assert.deepEqual(world.engine.changes, [`create ${NAME}`]);
});

Deno.test("a run whose container was removed while it was unattended is reported as lost", async () => {
  const world = makeWorld();
  const order = orderOf(["runs-20"]);
  const first = newAttempt();
  const running = run(world.process().needs, order, first);
  await untilRunning(world);
  first.detach.abort();
  await assert.rejects(running, Detached);
  world.engine.containers.get(NAME)?.exit(137);
  world.engine.containers.delete(NAME);
  const outcome = await run(world.process().needs, order);
  assert.deepEqual([outcome.status, outcome.reason], ["failed", "lost_container"]);
  assert.equal(world.engine.containers.size, 0);
});
