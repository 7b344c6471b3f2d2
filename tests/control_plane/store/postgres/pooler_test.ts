/** Postgres behind PgBouncer: session mode works, and the start with another mode is refused. */

import assert from "node:assert/strict";
import { sql } from "kysely";
import { openServer } from "../../../../control_plane/store/open.ts";
import { openStore } from "../../../../control_plane/store/mod.ts";
import { postgresChanges } from "../../../../control_plane/store/postgres/changes.ts";
import { postgresServer } from "../../../../control_plane/store/postgres/postgres.ts";
import { systemClock } from "../../../../lib/system/process.ts";
import {
  behindPgBouncer,
  PGBOUNCER,
  type PoolMode,
} from "../../../harness/databases/pg_bouncer.ts";
import { inDatabase, testDatabase } from "../../../harness/databases/postgres_cluster.ts";
import { postgresTest } from "../../../harness/databases/test_store.ts";
import { manualClock } from "../../../fakes/system/clock.ts";

function test(name: string, fn: () => Promise<void>): void {
  if (PGBOUNCER === undefined) {
    Deno.test.ignore(`${name} (no PgBouncer; ./dev test installs it)`, fn);
  } else postgresTest(name, fn);
}

/** Runs `work` with an empty database behind a PgBouncer. */
async function pooled(
  mode: PoolMode,
  work: (url: string, database: string) => Promise<void>,
): Promise<void> {
  await using database = await testDatabase();
  await behindPgBouncer(mode, database.url, (url) => work(url, database.name));
}

const tablesIn = (database: string) =>
  inDatabase(database, "select relname from pg_class where relnamespace = 'public'::regnamespace");

test("behind PgBouncer in session mode the store, its time limits and NOTIFY work", () =>
  pooled("session", async (url) => {
    await using one = await openStore(url, systemClock);
    await using other = await openStore(url, systemClock);
    const announced = Promise.withResolvers<void>();
    let isOpen = false;
    other.changes.subscribe(["jobs"], () => isOpen ? announced.resolve() : isOpen = true);
    assert.equal(await one.accounts.hasUsers(), false);
    const { db, changes } = await openServer(url, { clock: manualClock(), log: () => {} });
    await sql`select pg_notify('bigeye_changes', 'jobs')`.execute(db);
    await announced.promise;
    const limits = [];
    for (const name of ["statement_timeout", "lock_timeout"]) {
      const { rows } = await sql<Record<string, string>>`show ${sql.raw(name)}`.execute(db);
      limits.push(rows[0]);
    }
    assert.deepEqual(limits, [{ statement_timeout: "30s" }, { lock_timeout: "10s" }]);
    await changes[Symbol.asyncDispose]();
    await db.destroy();
  }));

for (const mode of ["transaction", "statement"] as const) {
  test(`behind PgBouncer in ${mode} mode the store is refused, and no table is created`, () =>
    pooled(mode, async (url, database) => {
      await assert.rejects(openStore(url, manualClock()), (error: unknown) => {
        assert(error instanceof Error && "code" in error && "hint" in error);
        assert.deepEqual([error.code, error.message.replace(/"postgres:.*?"/, "URL"), error.hint], [
          "database_pooled",
          "Cannot use the database URL: a connection that listens (LISTEN) does not get what " +
          "another one announces (NOTIFY)",
          "Name the Postgres server itself in the URL, or set pool_mode = session for this " +
          "database where PgBouncer is in between",
        ]);
        return true;
      });
      assert.deepEqual(await tablesIn(database), []);
    }));
}

// The pool mode may change while the control plane runs.
test("a connection whose LISTEN does not work is logged with the reason", () =>
  pooled("transaction", async (url, database) => {
    await inDatabase(database, "select 1");
    const lines: unknown[] = [];
    const logged = Promise.withResolvers<void>();
    await using direct = await testDatabase();
    const { db, changes } = await openServer(direct.url, { clock: manualClock(), log: () => {} });
    const server = postgresServer(url);
    {
      await using pooledChanges = postgresChanges({
        db,
        server,
        clock: manualClock(),
        log: (level, message, fields) => {
          lines.push([level, message, fields?.["error"]]);
          logged.resolve();
        },
      });
      pooledChanges.subscribe(["jobs"], () => {});
      await logged.promise;
    }
    assert.deepEqual(lines, [[
      "warn",
      "could not follow changes, retrying",
      `Cannot use the database "${server.name}": a connection that listens (LISTEN) does not get ` +
      "what another one announces (NOTIFY)",
    ]]);
    await changes[Symbol.asyncDispose]();
    await db.destroy();
  }));
