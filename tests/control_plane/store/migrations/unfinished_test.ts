/** A store whose migration did not come to its end: the next start begins it anew. */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { openStore } from "../../../../control_plane/store/mod.ts";
import { manualClock } from "../../../fakes/system/clock.ts";
import { inFolder } from "../../../fakes/system/temporary_folder.ts";

Deno.test("a migration that is broken off leaves nothing that bars the next one", () =>
  inFolder(async (folder) => {
    const path = `${folder}/plane.sqlite`;
    {
      using file = opened(path);
      // Breaks the third migration off in its middle, when it has made its table.
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
