/** A disk that takes nothing more: nothing is begun that could not be remembered. */

import assert from "node:assert/strict";
import { cancelRun } from "../../orchestrator/control.ts";
import { runAgentJob } from "../../orchestrator/run_job.ts";
import { makeWorld, NAME, newAttempt, orderOf, RUN_ID, signed, type World } from "./world.ts";

/** Makes writes of journals fail for as long as `isFull` says so. */
function fillDisk(world: World, isFull: (text: string) => boolean): void {
  const { writeText } = world.files;
  world.files.writeText = (path, text, options) =>
    isFull(text)
      ? Promise.reject(new Error("No space left on device (os error 28)"))
      : writeText(path, text, options);
}

Deno.test("a container is not started when its start cannot be remembered", async () => {
  const world = makeWorld();
  fillDisk(world, (text) => text.includes("start_requested_at") && !text.includes("outcome"));
  const outcome = await runAgentJob(world.process().needs, {
    signed: await signed(orderOf(["exit-0"])),
    attempt: newAttempt(),
  });
  assert.deepEqual(
    [outcome.status, outcome.reason, world.engine.containers.get(NAME)?.status],
    ["failed", "disk_pressure", "created"],
  );
});

Deno.test("a cancel is acknowledged only once it is on disk, however often it is asked for", async () => {
  const world = makeWorld();
  const { needs } = world.process();
  let full = true;
  fillDisk(world, () => full);
  await assert.rejects(cancelRun(needs, RUN_ID), /No space left/);
  await assert.rejects(cancelRun(needs, RUN_ID), /No space left/);
  full = false;
  await cancelRun(needs, RUN_ID);
  const late = await runAgentJob(world.process().needs, {
    signed: await signed(orderOf(["exit-0"])),
    attempt: newAttempt(),
  });
  assert.deepEqual([late.status, world.engine.containers.has(NAME)], ["canceled", false]);
});
