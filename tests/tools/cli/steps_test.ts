import assert from "node:assert/strict";
import { Refusal } from "../../../tools/cli/refusal.ts";
import { together } from "../../../tools/cli/steps.ts";

Deno.test("what is done together answers its values in their order", async () => {
  assert.deepEqual(await together(Promise.resolve(1), Promise.resolve("two")), [1, "two"]);
});

Deno.test("a failure is told once the other parts have ended, whether well or not", async () => {
  const slow = Promise.withResolvers<void>();
  let ended = false;
  const other = slow.promise.then(() => {
    ended = true;
    throw new Error("the second failure");
  });
  const both = together(other, Promise.reject(new Error("the first failure")));
  const told = assert.rejects(both, () => {
    assert.equal(ended, true);
    return true;
  });
  slow.resolve();
  await told;
  await assert.rejects(both, new Error("the first failure"));
});

Deno.test("a refusal is told at once, as nothing was changed", async () => {
  const never = new Promise<void>(() => {});
  const refusal = new Refusal("Cannot find Docker", "Install it");
  await assert.rejects(together(never, Promise.reject(refusal)), refusal);
});
