/** Query plans of SQLite: every list and filter uses an index. */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { openStore } from "../../../control_plane/store/mod.ts";
import { sqliteDialect } from "../../../control_plane/store/sqlite/sqlite.ts";
import { manualClock } from "../../fakes/system/clock.ts";
import { inFolder } from "../../fakes/system/temporary_folder.ts";
import { HOSTS_KEY, listening, LISTS } from "./lists.ts";

Deno.test("SQLite reads every list and every scan from the expected index without sorting", () =>
  inFolder(async (folder) => {
    const path = `${folder}/plane.sqlite`;
    await (await openStore(path, manualClock()))[Symbol.asyncDispose]();
    const listener = listening(sqliteDialect(path));
    await using _store = listener.store;
    using file = new DatabaseSync(path);
    for (const [list, index] of LISTS) {
      const { sql } = await listener.queryOf(list);
      // Unbound parameters are null, which does not change the plan.
      const plan = file.prepare(`explain query plan ${sql}`).all()
        .map(({ detail }) => String(detail));
      const used = /USING (?:COVERING )?INDEX (\w+)/.exec(plan[0] ?? "")?.[1];
      const expected = index === HOSTS_KEY ? "sqlite_autoindex_hosts_1" : index;
      assert.deepEqual([used, sorts(plan), scans(plan)], [expected, [], []], plan.join("; "));
    }
  }));

/** Returns the steps that sort rows after reading, which would read all rows instead of a page. */
const sorts = (plan: readonly string[]) => plan.filter((step) => step.includes("TEMP B-TREE"));
/** Returns the steps that read a whole table. */
const scans = (plan: readonly string[]) =>
  plan.filter((step) => step.startsWith("SCAN") && !step.includes("USING"));
