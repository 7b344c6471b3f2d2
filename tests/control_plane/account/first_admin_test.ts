/** The account's first admin. */

import assert from "node:assert/strict";
import { ensureAdmin } from "../../../control_plane/account/first_admin.ts";
import { hashOfKey } from "../../../control_plane/http/authentication.ts";
import { testStore } from "../../harness/databases/test_store.ts";
import { manualClock } from "../../fakes/system/clock.ts";

Deno.test("the first admin's key is handed over once, and belongs to the admin", async () => {
  await using store = await testStore(manualClock());
  const handed: string[] = [];
  const handOver = (key: string) => Promise.resolve(void handed.push(key));
  await ensureAdmin(store, handOver);
  await ensureAdmin(store, handOver);
  assert.equal(handed.length, 1);
  const owner = await store.accounts.useKey(hashOfKey(handed[0] ?? ""));
  assert.equal(owner?.kind === "personal" && owner.user.role, "admin");
});

Deno.test("the first admin is not created if the key cannot be handed over", async () => {
  await using store = await testStore(manualClock());
  await assert.rejects(ensureAdmin(store, () => Promise.reject(new Error("disk full"))));
  assert.equal(await store.accounts.hasUsers(), false);
});
