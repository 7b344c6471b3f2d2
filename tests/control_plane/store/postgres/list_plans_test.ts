/** The statements that lists really send, as Postgres plans them: an index for each list and filter. */

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

/** Empty tables are read in no time in any way, so that the other ways are closed. */
const NO_OTHER_WAY = [
  "enable_seqscan",
  "enable_bitmapscan",
  "enable_sort",
  "enable_incremental_sort",
]
  .map((way) => `-c ${way}=off`).join(" ");

test("every page of every list, and every scan, can be read from an index, in its order", async () => {
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
});
