/** A migration that was interrupted is done again at the next start. */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { openStore } from "../../../../control_plane/store/mod.ts";
import { manualClock } from "../../../fakes/system/clock.ts";
import { inFolder } from "../../../fakes/system/temporary_folder.ts";

Deno.test("a migration that fails is undone, and succeeds at the next start", () =>
  inFolder(async (folder) => {
    const path = `${folder}/plane.sqlite`;
    {
      using file = opened(path);
      // Makes the third migration fail after it has created its table.
      file.database.exec("create table other (x); create index runs_by_status on other (x)");
    }
    await assert.rejects(openStore(path, manualClock()), { code: "store_not_migrated" });
    {
      using file = opened(path);
      assert.deepEqual(file.database.prepare("select name from kysely_migration").all(), []);
      file.database.exec("drop table other");
    }
    await using store = await openStore(path, manualClock());
    assert.equal(await store.accounts.hasUsers(), false);
  }));

function opened(path: string): Disposable & { readonly database: DatabaseSync } {
  const database = new DatabaseSync(path);
  return { database, [Symbol.dispose]: () => database.close() };
}
