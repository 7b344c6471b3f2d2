import assert from "node:assert/strict";
import { parseTicks, withSteal } from "../../../tools/bench/proc.ts";

Deno.test("the ticks of all processors are summed, without counting guests twice", () => {
  const stat = "cpu  100 20 30 400 5 0 6 39 90 10\ncpu0 50 10 15 200 3 0 3 20 45 5\nintr 1 2\n";
  assert.deepEqual(parseTicks(stat), { all: 600, stolen: 39 });
});

Deno.test("a text in another format is refused", () => {
  assert.throws(() => parseTicks("cpu 1 2\n"), /Cannot read the processors' time/);
});

Deno.test("the stolen time of this machine is a share from 0 to 1", async () => {
  const { value, stolen } = await withSteal(() => Promise.resolve("done"));
  assert.equal(value, "done");
  assert.ok(stolen >= 0 && stolen <= 1, String(stolen));
});
