/** What a column gives back of what was put in. */

import assert from "node:assert/strict";
import { MACHINE } from "../../../control_plane/store/mod.ts";
import { testStore } from "../../harness/databases/test_store.ts";
import { manualClock } from "../../fakes/system/clock.ts";

Deno.test("a text with NUL comes back whole, as nobody is told that it was cut", async () => {
  const clock = manualClock();
  await using store = await testStore(clock);
  await store.accounts.setCompanyPublicKey("before\0after", MACHINE);
  assert.equal(await store.accounts.companyPublicKey(), "before\ufffdafter");
});
