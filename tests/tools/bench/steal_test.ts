/** What others took from a virtual machine, as the kernel counts it. */

import assert from "node:assert/strict";
import { ticks, withSteal } from "../../../tools/bench/steal.ts";

Deno.test("the ticks are those of all processors, guests not counted twice", () => {
  const stat = "cpu  100 20 30 400 5 0 6 39 90 10\ncpu0 50 10 15 200 3 0 3 20 45 5\nintr 1 2\n";
  assert.deepEqual(ticks(stat), { all: 600, stolen: 39 });
});

Deno.test("a text that the kernel did not write is refused", () => {
  assert.throws(() => ticks("cpu 1 2\n"), /Cannot read the processors' time/);
});

Deno.test("on this machine it is a share", async () => {
  const { value, stolen } = await withSteal(() => Promise.resolve("done"));
  assert.equal(value, "done");
  assert.ok(stolen >= 0 && stolen <= 1, String(stolen));
});
