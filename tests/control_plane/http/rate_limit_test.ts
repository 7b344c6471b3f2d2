/** Token buckets: they are refilled with time, and made-up names do not fill the memory. */

import assert from "node:assert/strict";
import { tokenBuckets } from "../../../control_plane/http/rate_limit.ts";
import { manualClock } from "../../fakes/system/clock.ts";

Deno.test("a bucket is refilled steadily up to its burst", () => {
  const clock = manualClock();
  const buckets = tokenBuckets({ burst: 2, perSecond: 0.5 }, clock);
  assert.deepEqual(buckets.take("a"), { ok: true, remaining: 1, waitSeconds: 0, fullSeconds: 2 });
  assert.deepEqual(buckets.take("a"), { ok: true, remaining: 0, waitSeconds: 2, fullSeconds: 4 });
  assert.deepEqual(buckets.take("a"), { ok: false, remaining: 0, waitSeconds: 2, fullSeconds: 4 });
  clock.advance(1_999);
  assert.equal(buckets.take("a").ok, false);
  clock.advance(1);
  assert.equal(buckets.take("a").ok, true);
  clock.advance(3_600_000);
  assert.equal(buckets.look("a").remaining, 2);
});

// Attacker: sends another name with each request, to fill the memory.
Deno.test("of 100,000 names the ones in use are kept, and the oldest are removed", () => {
  const buckets = tokenBuckets({ burst: 3, perSecond: 1 }, manualClock());
  buckets.take("in use");
  for (let number = 0; number < 100_000; number++) {
    buckets.take(`made up ${number}`);
    if (number % 1_000 === 0) buckets.look("in use");
    if (number % 9_000 === 0) buckets.take("in use");
  }
  const kept = ["in use", "made up 99999", "made up 90001", "made up 89999", "made up 0"];
  assert.deepEqual(kept.map((name) => buckets.has(name)), [true, true, true, false, false]);
});
