/** The cache of agent keys. */

import assert from "node:assert/strict";
import { MACHINE, storeOn } from "../../../../control_plane/store/mod.ts";
import { openFile } from "../../../../control_plane/store/open.ts";
import { manualClock } from "../../../fakes/system/clock.ts";

const HASH = "0".repeat(64);

async function agentKeyInUse() {
  const clock = manualClock();
  const db = await openFile(":memory:");
  const store = storeOn(db, clock);
  const about = { kind: "agent", name: "hosts", description: "", hash: HASH } as const;
  const { id } = await store.keys.add(about, MACHINE);
  const owner = { kind: "agent", keyId: id, name: "hosts" } as const;
  return { clock, db, store, owner, [Symbol.asyncDispose]: () => db.destroy() };
}

Deno.test("an agent key is looked up once a minute, when its use is recorded", async () => {
  await using key = await agentKeyInUse();
  const { clock, db, store, owner } = key;
  assert.deepEqual(await store.accounts.useKey(HASH), owner);
  // Deletes the key directly in the database, which shows when the store looks it up.
  await db.deleteFrom("api_keys").execute();
  clock.advance(59_999);
  assert.deepEqual(await store.accounts.useKey(HASH), owner);
  clock.advance(1);
  assert.equal(await store.accounts.useKey(HASH), undefined);
});

// Attacker: has copied the key from a host, and uses it all the time, so that it is always cached.
Deno.test("a removed agent key is refused from the next request on", async () => {
  await using key = await agentKeyInUse();
  const { store, owner } = key;
  assert.deepEqual(await store.accounts.useKey(HASH), owner);
  await store.keys.remove(owner.keyId, "account", MACHINE);
  assert.equal(await store.accounts.useKey(HASH), undefined);
});

// Attacker: sends requests while the key is removed.
Deno.test("an agent key that was looked up during its removal is not cached", async () => {
  await using key = await agentKeyInUse();
  const { store, owner } = key;
  const uses = Array.from({ length: 20 }, () => store.accounts.useKey(HASH));
  await Promise.all([...uses, store.keys.remove(owner.keyId, "account", MACHINE)]);
  assert.equal(await store.accounts.useKey(HASH), undefined);
});
