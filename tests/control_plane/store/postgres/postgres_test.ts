/** Postgres: constraints, refused databases, a full disk, deadlocks and counts. */

import assert from "node:assert/strict";
import { Kysely } from "kysely";
import { MACHINE, openStore } from "../../../../control_plane/store/mod.ts";
import {
  postgresDialect,
  postgresServer,
} from "../../../../control_plane/store/postgres/postgres.ts";
import { RetryingKysely } from "../../../../control_plane/store/postgres/retrying_kysely.ts";
import { inDatabase, testDatabase } from "../../../harness/databases/postgres_cluster.ts";
import { inPlace, postgresTest as test } from "../../../harness/databases/test_store.ts";
import { manualClock } from "../../../fakes/system/clock.ts";

const nameIn = (url: string): string => new URL(url).pathname.slice(1);

const runRow = (id: string, status: string, ended: string) =>
  `insert into runs (id, job_id, job_name, host_id, agent_type, parameters, run_limit_seconds,
     trigger_source, status, connections, phases, created_at, ended_at)
   values ('${id}', 'j', 'n', 'h', 'lineage', '{}', 1, 'manual', '${status}', '[]', '[]', 'now', ${ended})`;

test("constraints refuse a second active run, an end without a time, and the deletion of a job with runs", () =>
  inPlace(async (url) => {
    const run = (text: string) => inDatabase(nameIn(url), text);
    await run(`insert into hosts (host_id, installation_id, managed_agents, version, registered_at)
      values ('h', 'i', '[]', '1', 'now')`);
    await run(`insert into jobs (id, name, host_id, agent_type, parameters, run_limit_seconds,
      created_at, updated_at) values ('j', 'n', 'h', 'lineage', '{}', 1, 'now', 'now')`);
    await run(runRow("a", "running", "null"));
    await assert.rejects(run(runRow("b", "queued", "null")), { constraint: "runs_one_active" });
    await assert.rejects(run(runRow("c", "failed", "null")), { constraint: "run_ends_once" });
    await assert.rejects(run("delete from jobs"), { code: "23503" });
    await run(runRow("d", "failed", "'now'"));
  }));

test("a database of a newer version is refused", () =>
  inPlace(async (url) => {
    await inDatabase(nameIn(url), "insert into kysely_migration values ('9999_later', '2027')");
    const { name } = postgresServer(url);
    await assert.rejects(openStore(url, manualClock()), {
      code: "store_newer",
      message: `Cannot use the database "${name}": a newer version has changed it ("9999_later")`,
    });
  }));

test("a database user who may not create tables gets a hint about the owner", async () => {
  await using database = await testDatabase();
  const role = `r${database.name}`;
  await inDatabase("postgres", `create role ${role} login`);
  try {
    const url = database.url.replace("bigeye@", `${role}@`);
    await assert.rejects(openStore(url, manualClock()), {
      code: "store_not_migrated",
      hint:
        "Let the user of the URL own the database, or restore the backup from before the upgrade",
    });
  } finally {
    await inDatabase("postgres", `drop role ${role}`);
  }
});

test("changes are 507 while the server's disk is full, and reads work", () =>
  inPlace(async (url) => {
    await using store = await openStore(url, manualClock());
    await inDatabase(
      nameIn(url),
      `create function full_disk() returns trigger language plpgsql as
         'begin raise exception using errcode = ''53100'', message = ''could not extend file''; end';
       create trigger full_disk before insert or update on settings
         for each row execute function full_disk()`,
    );
    await assert.rejects(store.accounts.setCompanyPublicKey("pem", MACHINE), {
      code: "storage_full",
      status: 507,
      message: "Cannot save anything: the disk of the Postgres server is full",
      retryable: true,
    });
    assert.equal(await store.accounts.companyPublicKey(), undefined);
  }));

test("of two transactions in a deadlock one is retried, and both succeed", () =>
  inPlace(async (url) => {
    const server = postgresServer(url);
    const dialect = () => postgresDialect(server, () => {});
    const db = new RetryingKysely<{ settings: { name: string; value: string } }>({
      dialect: dialect(),
    });
    try {
      await db.insertInto("settings")
        .values([{ name: "a", value: "" }, { name: "b", value: "" }]).execute();
      const bothHold = Promise.withResolvers<void>();
      const oneIsDone = Promise.withResolvers<void>();
      let holding = 0;
      let attempts = 0;
      const crossing = (first: string, second: string) =>
        db.transaction().execute(async (trx) => {
          // The retry waits for the other one, because both could block each other again.
          if (++attempts > 2) await oneIsDone.promise;
          const mark = (name: string) =>
            trx.updateTable("settings")
              .set(({ eb }) => ({ value: eb("value", "||", first) }))
              .where("name", "=", name).execute();
          await mark(first);
          if (++holding === 2) bothHold.resolve();
          await bothHold.promise;
          await mark(second);
        }).then(oneIsDone.resolve);
      await Promise.all([crossing("a", "b"), crossing("b", "a")]);
      const rows = await db.selectFrom("settings").selectAll().execute();
      assert.deepEqual(rows.map(({ value }) => [...value].toSorted().join("")), ["ab", "ab"]);
      assert.equal(attempts, 3);
    } finally {
      await db.destroy();
    }
  }));

test("counts are numbers, like with SQLite", () =>
  inPlace(async (url) => {
    const db = new Kysely<{ users: { id: string } }>({
      dialect: postgresDialect(postgresServer(url), () => {}),
    });
    try {
      const row = await db.selectFrom("users").select(({ fn }) => fn.countAll().as("count"))
        .executeTakeFirst();
      assert.deepEqual(row, { count: 0 });
    } finally {
      await db.destroy();
    }
  }));
