/** Query plans of Postgres: every list and filter can use an index. */

import assert from "node:assert/strict";
import { CompiledQuery } from "kysely";
import { openStore } from "../../../../control_plane/store/mod.ts";
import {
  postgresDialect,
  postgresServer,
} from "../../../../control_plane/store/postgres/postgres.ts";
import { testDatabase } from "../../../harness/databases/postgres_cluster.ts";
import { postgresTest as test } from "../../../harness/databases/test_store.ts";
import { manualClock } from "../../../fakes/system/clock.ts";
import { HOSTS_KEY, listening, LISTS } from "../lists.ts";

/** Disables other plans, because Postgres would read empty tables without an index. */
const INDEXES_ONLY = [
  "enable_seqscan",
  "enable_bitmapscan",
  "enable_sort",
  "enable_incremental_sort",
]
  .map((setting) => `-c ${setting}=off`).join(" ");

test("Postgres can read every list and every scan from the expected index without sorting", async () => {
  await using database = await testDatabase();
  await (await openStore(database.url, manualClock()))[Symbol.asyncDispose]();
  const url = `${database.url}&options=${encodeURIComponent(INDEXES_ONLY)}`;
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
});
