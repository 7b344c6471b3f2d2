import assert from "node:assert/strict";
import { MIGRATIONS } from "../../../../control_plane/store/migrations/mod.ts";

Deno.test("migrations are in the order of their names, and each has a unique number", () => {
  const names = Object.keys(MIGRATIONS);
  assert.deepEqual(names, names.toSorted());
  const numbers = names.map((name) => name.slice(0, 4));
  assert.deepEqual(numbers, [...new Set(numbers)]);
});
