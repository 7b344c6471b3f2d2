/** A service releases the memory of its start while it runs. */

import assert from "node:assert/strict";
import { keepSmall } from "../../../lib/system/memory.ts";
import { virtualClock } from "../../fakes/system/virtual_clock.ts";

Deno.test("memory is released every 30 s until the work has ended", async () => {
  const clock = virtualClock();
  const released: number[] = [];
  const needs = { clock, releaseMemory: () => released.push(clock.monotonic()) };
  const worked = await keepSmall(needs, async () => {
    await clock.sleep(95_000);
    return "done";
  });
  assert.deepEqual({ worked, released }, { worked: "done", released: [30_000, 60_000, 90_000] });
});

Deno.test("work that fails ends the releases, and its error is passed on", async () => {
  const needs = { clock: virtualClock(), releaseMemory: () => {} };
  await assert.rejects(keepSmall(needs, () => Promise.reject(new Error("worker failed"))), {
    message: "worker failed",
  });
});

/** Prints the resident memory that is backed by files (proc(5), kB), before and after. */
const PROGRAM = `
import { releaseProgramPages } from "${import.meta.resolve("../../../lib/system/memory.ts")}";
const fromFiles = () => Number(/RssFile:\\s+(\\d+)/.exec(Deno.readTextFileSync("/proc/self/status"))[1]);
const before = fromFiles();
releaseProgramPages();
console.log(JSON.stringify({ before, after: fromFiles() }));
`;

Deno.test("releasing the program's pages leaves less than half of the pages that its start used", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const program = new Deno.Command(Deno.execPath(), { args: ["eval", PROGRAM] });
  const { stdout } = await program.output();
  const { before, after } = JSON.parse(new TextDecoder().decode(stdout));
  assert.equal(after < before / 2, true, `${before} kB before, ${after} kB after`);
});
