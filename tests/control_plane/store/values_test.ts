/** Texts that a database cannot store as they are. */

import assert from "node:assert/strict";
import { MACHINE } from "../../../control_plane/store/mod.ts";
import { testStore } from "../../harness/databases/test_store.ts";
import { manualClock } from "../../fakes/system/clock.ts";

Deno.test("a NUL in a text is replaced, so that the text is not cut there", async () => {
  const clock = manualClock();
  await using store = await testStore(clock);
  await store.accounts.setCompanyPublicKey("before\0after", MACHINE);
  assert.equal(await store.accounts.companyPublicKey(), "before\ufffdafter");
});
