/** The statements that lists really send, as the databases plan them: an index for each list and filter. */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { CompiledQuery, type Dialect, Kysely } from "kysely";
import { openStore, type Store, storeOn } from "../../../control_plane/store/mod.ts";
import { postgresDialect, postgresServer } from "../../../control_plane/store/postgres/postgres.ts";
import { sqliteDialect } from "../../../control_plane/store/sqlite/sqlite.ts";
import type { Tables } from "../../../control_plane/store/tables.ts";
import { POSTGRES, testDatabase } from "../../harness/databases/postgres_cluster.ts";
import { manualClock } from "../../fakes/clock.ts";
import { inFolder } from "../../fakes/temporary_folder.ts";
import { HOSTS_KEY, LISTS } from "./lists.ts";

/** A store that tells which queries it has sent. */
function listening(dialect: Dialect) {
  const sent: CompiledQuery[] = [];
  const db = new Kysely<Tables>({ dialect, log: ({ query }) => void sent.push(query) });
  return {
    store: storeOn(db, manualClock()),
    db,
    /** The one query that a list is. */
    async queryOf(list: (store: Store) => Promise<unknown>): Promise<CompiledQuery> {
      sent.length = 0;
      await list(this.store);
      const [query, ...more] = sent;
      assert.ok(query && more.length === 0);
      return query;
    },
  };
}

Deno.test("SQLite reads every page of every list from an index, in its order", () =>
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

/** Empty tables are read in no time in any way, so that the other ways are closed. */
const NO_OTHER_WAY = [
  "enable_seqscan",
  "enable_bitmapscan",
  "enable_sort",
  "enable_incremental_sort",
]
  .map((way) => `-c ${way}=off`).join(" ");

Deno.test({
  name: "Postgres can read every page of every list from an index, in its order",
  ignore: POSTGRES === undefined,
  async fn() {
    await using database = await testDatabase();
    await (await openStore(database.url, manualClock()))[Symbol.asyncDispose]();
    const url = `${database.url}&options=${encodeURIComponent(NO_OTHER_WAY)}`;
    const listener = listening(postgresDialect(postgresServer(url), () => {}));
    await using _store = listener.store;
    for (const [list, index] of LISTS) {
      const { sql, parameters } = await listener.queryOf(list);
      const { rows } = await listener.db.executeQuery<Record<string, string>>(
        CompiledQuery.raw(`explain ${sql}`, [...parameters]),
      );
      const plan = rows.map((row) => row["QUERY PLAN"] ?? "");
      const used = plan.flatMap((step) =>
        /Index Scan (?:Backward )?using (\w+)/.exec(step)?.[1] ?? []
      );
      const expected = index === HOSTS_KEY ? "hosts_pkey" : index;
      const others = plan.filter((step) => /Sort|Seq Scan/.test(step));
      assert.deepEqual([used[0], others], [expected, []], plan.join("\n"));
    }
  },
});
