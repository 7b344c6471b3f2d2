/** A running agent is stopped at its run limit and by a cancel. */

import assert from "node:assert/strict";
import { cancelRun } from "../../../orchestrator/run/control.ts";
import { makeWorld, NAME, orderOf, run, RUN_ID, untilRunning } from "../world.ts";

Deno.test("a run at its limit gets SIGTERM, then SIGKILL after 10 s, and ends as timed out", async () => {
  const world = makeWorld();
  const outcome = await run(world.process().needs, orderOf(["runs", "ignores-term"]));
  assert.deepEqual([outcome.status, outcome.reason, outcome.exit_code], [
    "timed_out",
    "run_limit",
    137,
  ]);
  const seconds = (Date.parse(outcome.ended_at) - Date.parse(outcome.started_at ?? "")) / 1_000;
  assert.equal(seconds, 70);
  const changes = ["create", "start", "kill", "kill"].map((change) => `${change} ${NAME}`);
  assert.deepEqual(world.engine.changes, changes);
});

Deno.test("a canceled run ends once its container has stopped", async () => {
  const world = makeWorld();
  const { needs } = world.process();
  const running = run(needs, orderOf(["runs"]));
  await untilRunning(world);
  await cancelRun(needs, RUN_ID);
  const outcome = await running;
  assert.deepEqual([outcome.status, outcome.reason], ["canceled", "canceled_by_user"]);
  assert.equal(world.engine.containers.get(NAME)?.status, "exited");
});
