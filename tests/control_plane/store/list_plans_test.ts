/** The statements that lists really send, as SQLite plans them: an index for each list and filter. */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { openStore } from "../../../control_plane/store/mod.ts";
import { sqliteDialect } from "../../../control_plane/store/sqlite/sqlite.ts";
import { manualClock } from "../../fakes/system/clock.ts";
import { inFolder } from "../../fakes/system/temporary_folder.ts";
import { HOSTS_KEY, listening, LISTS } from "./lists.ts";

Deno.test("SQLite reads every page of every list, and every scan, from an index, in its order", () =>
  inFolder(async (folder) => {
    const path = `${folder}/plane.sqlite`;
    await (await openStore(path, manualClock()))[Symbol.asyncDispose]();
    const listener = listening(sqliteDialect(path));
    await using _store = listener.store;
    using file = new DatabaseSync(path);
    for (const [list, index] of LISTS) {
      const { sql } = await listener.queryOf(list);
      // Unbound parameters are null, which the planner does not look at.
      const plan = file.prepare(`explain query plan ${sql}`).all()
        .map(({ detail }) => String(detail));
      const used = /USING (?:COVERING )?INDEX (\w+)/.exec(plan[0] ?? "")?.[1];
      const expected = index === HOSTS_KEY ? "sqlite_autoindex_hosts_1" : index;
      assert.deepEqual([used, sorts(plan), scans(plan)], [expected, [], []], plan.join("; "));
    }
  }));

/** Rows that are put in order after they were read: then all of them are, not a page of them. */
const sorts = (plan: readonly string[]) => plan.filter((step) => step.includes("TEMP B-TREE"));
/** Tables that are read from end to end. */
const scans = (plan: readonly string[]) =>
  plan.filter((step) => step.startsWith("SCAN") && !step.includes("USING"));
