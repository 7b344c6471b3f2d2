import assert from "node:assert/strict";
import { Refusal } from "../../../tools/cli/refusal.ts";
import { together } from "../../../tools/cli/steps.ts";

Deno.test("together returns the values in the order of the parts", async () => {
  assert.deepEqual(await together(Promise.resolve(1), Promise.resolve("two")), [1, "two"]);
});

Deno.test("together throws the first error after all other parts have ended", async () => {
  const slow = Promise.withResolvers<void>();
  let ended = false;
  const other = slow.promise.then(() => {
    ended = true;
    throw new Error("the second failure");
  });
  const both = together(other, Promise.reject(new Error("the first failure")));
  const rejected = assert.rejects(both, () => {
    assert.equal(ended, true);
    return true;
  });
  slow.resolve();
  await rejected;
  await assert.rejects(both, new Error("the first failure"));
});

Deno.test("together throws a refusal at once", async () => {
  const never = new Promise<void>(() => {});
  const refusal = new Refusal("Cannot find Docker", "Install it");
  await assert.rejects(together(never, Promise.reject(refusal)), refusal);
});
