import assert from "node:assert/strict";
import { keepSmall } from "../../lib/keep_small.ts";
import { virtualClock } from "../fakes/virtual_clock.ts";

Deno.test("memory is released every half minute, and no more once the work has ended", async () => {
  const clock = virtualClock();
  const released: number[] = [];
  const needs = { clock, releaseMemory: () => released.push(clock.monotonic()) };
  const worked = await keepSmall(needs, async () => {
    await clock.sleep(95_000);
    return "done";
  });
  assert.deepEqual({ worked, released }, { worked: "done", released: [30_000, 60_000, 90_000] });
});

Deno.test("work that fails ends the releasing and is not hidden", async () => {
  const needs = { clock: virtualClock(), releaseMemory: () => {} };
  await assert.rejects(keepSmall(needs, () => Promise.reject(new Error("worker failed"))), {
    message: "worker failed",
  });
});
