/** Runs whose Docker Engine goes down before or during them. */

import assert from "node:assert/strict";
import { cancelRun } from "../../../orchestrator/run/control.ts";
import { makeWorld, NAME, orderOf, run, RUN_ID, untilRunning } from "../world.ts";

Deno.test("a run waits a minute at most for an engine that is down", async () => {
  const world = makeWorld();
  world.engineDown = true;
  const running = run(world.process().needs, orderOf(["exit-0"]));
  await world.clock.sleep(20_000);
  world.engineDown = false;
  assert.equal((await running).status, "succeeded");

  const lasting = makeWorld();
  lasting.engineDown = true;
  const outcome = await run(lasting.process().needs, orderOf(["exit-0"]));
  assert.deepEqual([outcome.status, outcome.reason], ["failed", "daemon_unavailable"]);
  const waited = Date.parse(outcome.ended_at) - Date.parse("2026-01-01T00:00:00Z");
  assert.ok(waited >= 60_000 && waited < 70_000, String(waited));
});

Deno.test("a cancel while the engine is down ends the run once the engine shows that it has stopped", async () => {
  const world = makeWorld();
  const { needs } = world.process();
  const running = run(needs, orderOf(["runs"], { run_limit_seconds: 600 }));
  await untilRunning(world);
  world.engineDown = true;
  await cancelRun(needs, RUN_ID);
  await world.clock.sleep(30_000);
  assert.equal(world.engine.containers.get(NAME)?.status, "running");
  world.engineDown = false;
  assert.equal((await running).status, "canceled");
  assert.equal(world.engine.containers.get(NAME)?.status, "exited");
});

Deno.test("a run that exited before its cancel ends with its exit code", async () => {
  const world = makeWorld();
  const { needs } = world.process();
  const running = run(needs, orderOf(["runs-2", "exit-0"]));
  await untilRunning(world);
  world.engineDown = true;
  await world.clock.sleep(5_000);
  await cancelRun(needs, RUN_ID);
  world.engineDown = false;
  assert.equal((await running).status, "succeeded");
});
