/** The engine goes away, before a run and during it. */

import assert from "node:assert/strict";
import { cancelRun } from "../../../orchestrator/run/control.ts";
import { runAgentJob } from "../../../orchestrator/run/run_job.ts";
import { makeWorld, NAME, newAttempt, orderOf, RUN_ID, signed, untilRunning } from "../world.ts";

Deno.test("a run waits for an engine that is away, and not for ever", async () => {
  const world = makeWorld();
  world.engineDown = true;
  const order = await signed(orderOf(["exit-0"]));
  const running = runAgentJob(world.process().needs, { signed: order, attempt: newAttempt() });
  await world.clock.sleep(20_000);
  world.engineDown = false;
  assert.equal((await running).status, "succeeded");

  const lasting = makeWorld();
  lasting.engineDown = true;
  const outcome = await runAgentJob(lasting.process().needs, {
    signed: order,
    attempt: newAttempt(),
  });
  assert.deepEqual([outcome.status, outcome.reason], ["failed", "daemon_unavailable"]);
  const waited = Date.parse(outcome.ended_at) - Date.parse("2026-01-01T00:00:00Z");
  assert.ok(waited >= 60_000 && waited < 70_000, String(waited));
});

Deno.test("a cancel while the engine is away is answered once the container is seen to have stopped", async () => {
  const world = makeWorld();
  const { needs } = world.process();
  const order = await signed(orderOf(["runs"], { run_limit_seconds: 600 }));
  const running = runAgentJob(needs, { signed: order, attempt: newAttempt() });
  await untilRunning(world);
  world.engineDown = true;
  await cancelRun(needs, RUN_ID);
  await world.clock.sleep(30_000);
  assert.equal(world.engine.containers.get(NAME)?.status, "running");
  world.engineDown = false;
  assert.equal((await running).status, "canceled");
  assert.equal(world.engine.containers.get(NAME)?.status, "exited");
});

Deno.test("a cancel that meets an exit keeps the exit's truth", async () => {
  const world = makeWorld();
  const { needs } = world.process();
  const order = await signed(orderOf(["runs-2", "exit-0"]));
  const running = runAgentJob(needs, { signed: order, attempt: newAttempt() });
  await untilRunning(world);
  world.engineDown = true;
  await world.clock.sleep(5_000);
  await cancelRun(needs, RUN_ID);
  world.engineDown = false;
  assert.equal((await running).status, "succeeded");
});
