/** Postgres itself: constraints that hold without our code, and what callers are told when it is away, full or foreign. */

import assert from "node:assert/strict";
import { Kysely, sql } from "kysely";
import { MACHINE, openStore } from "../../../../control_plane/store/mod.ts";
import {
  postgresDialect,
  postgresServer,
} from "../../../../control_plane/store/postgres/postgres.ts";
import { RetryingKysely } from "../../../../control_plane/store/postgres/retrying_kysely.ts";
import {
  inDatabase,
  resumeCluster,
  startCluster,
  stopCluster,
  testDatabase,
} from "../../../harness/databases/postgres_cluster.ts";
import { inPlace, postgresTest as test } from "../../../harness/databases/test_store.ts";
import { manualClock } from "../../../fakes/clock.ts";

const nameIn = (url: string): string => new URL(url).pathname.slice(1);

const runRow = (id: string, status: string, ended: string) =>
  `insert into runs (id, job_id, job_name, host_id, agent_type, parameters, run_limit_seconds,
     trigger_source, status, connections, phases, created_at, ended_at)
   values ('${id}', 'j', 'n', 'h', 'lineage', '{}', 1, 'manual', '${status}', '[]', '[]', 'now', ${ended})`;

test("the database itself refuses a second active run, an end without a time, a job with runs", () =>
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

test("a database that a newer version has changed is refused, and stays as it is", () =>
  inPlace(async (url) => {
    await inDatabase(nameIn(url), "insert into kysely_migration values ('9999_later', '2027')");
    const { name } = postgresServer(url);
    await assert.rejects(openStore(url, manualClock()), {
      code: "store_newer",
      message: `Cannot use the database "${name}": a newer version has changed it ("9999_later")`,
    });
  }));

test("a user that may make no tables is told whose the database must be", async () => {
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

/** Ends the connections of a database and waits until the server has none of them any more. */
async function cutConnections(url: string): Promise<void> {
  const cut = await inDatabase(
    "postgres",
    `select pg_terminate_backend(pid, 60000) as ended from pg_stat_activity
      where datname = '${nameIn(url)}'`,
  );
  assert.deepEqual(cut.filter(({ ended }) => ended !== true), []);
}

test("an idle connection that is lost is in the log, and one query at most is refused", () =>
  inPlace(async (url) => {
    const lines: string[] = [];
    const noted = Promise.withResolvers<void>();
    await using store = await openStore(url, manualClock(), (level, message) => {
      lines.push(`${level} ${message}`);
      noted.resolve();
    });
    await store.hosts.get("absent").catch(() => {});
    await cutConnections(url);
    // Which end notices first is open: the pool before the query, or the query.
    const refused = await store.accounts.hasUsers().then(() => undefined, (error) => error);
    if (refused) assert.deepEqual([refused.code, refused.status], ["storage_unusable", 503]);
    assert.equal(await store.accounts.hasUsers(), false);
    await noted.promise;
    assert.deepEqual(lines, ["warn postgres connection lost"]);
  }));

test("a connection that is lost in a query is in the log, and the next query has another one", () =>
  inPlace(async (url) => {
    const lines: string[] = [];
    const db = new Kysely({
      dialect: postgresDialect(
        postgresServer(url),
        (level, message) => void lines.push(`${level} ${message}`),
      ),
    });
    try {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db);
      const waiting = sql`select pg_sleep(600)`.execute(db);
      const refused = assert.rejects(waiting, { code: "storage_unusable", status: 503 });
      await inDatabase("postgres", `select pg_terminate_backend(${rows[0]?.pid})`);
      await refused;
      await sql`select 1`.execute(db);
      assert.deepEqual(lines, ["warn postgres connection lost"]);
    } finally {
      await db.destroy();
    }
  }));

test("a connection that is lost within a transaction undoes it, and is 503", () =>
  inPlace(async (url) => {
    const db = new RetryingKysely<{ settings: { name: string; value: string } }>({
      dialect: postgresDialect(postgresServer(url), () => {}),
    });
    try {
      const cut = db.transaction().execute(async (step) => {
        await step.insertInto("settings").values({ name: "a", value: "b" }).execute();
        const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(step);
        await inDatabase("postgres", `select pg_terminate_backend(${rows[0]?.pid})`);
        await step.insertInto("settings").values({ name: "c", value: "d" }).execute();
      });
      await assert.rejects(cut, { code: "storage_unusable", status: 503, retryable: true });
      assert.deepEqual(await db.selectFrom("settings").selectAll().execute(), []);
    } finally {
      await db.destroy();
    }
  }));

test("a server that is down is 503, and all is as before once it is back", async () => {
  const folder = await Deno.makeTempDir({ prefix: "bigeye-postgres-" });
  await startCluster(folder);
  const url = `postgres://bigeye@localhost/postgres?host=${folder}`;
  {
    await using store = await openStore(url, manualClock());
    await store.accounts.setCompanyPublicKey("pem", MACHINE);
    await stopCluster(folder);
    const down = { code: "storage_unusable", status: 503, retryable: true };
    await assert.rejects(store.accounts.companyPublicKey(), down);
    await assert.rejects(store.accounts.setCompanyPublicKey("other", MACHINE), down);
    await resumeCluster(folder);
    assert.equal(await store.accounts.companyPublicKey(), "pem");
  }
  await stopCluster(folder);
});

test("a full disk of the server is 507, reads go on", () =>
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

test("two transactions that wait for each other are both done, one of them again", () =>
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
        db.transaction().execute(async (step) => {
          // Again only after the other, or the two could meet once more.
          if (++attempts > 2) await oneIsDone.promise;
          const mark = (name: string) =>
            step.updateTable("settings")
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

test("counts are numbers, as on SQLite", () =>
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

// Somebody on the way to the database server reads or changes what passes.
test("with sslmode=verify-full the server must have a certificate of the authority that is named", async () => {
  const folder = await Deno.makeTempDir({ prefix: "bigeye-postgres-" });
  await certificate(folder);
  const port = freePort();
  const tls = ["ssl=on", `ssl_cert_file=${folder}/pem`, `ssl_key_file=${folder}/key`];
  await startCluster(folder, [...tls, "listen_addresses=127.0.0.1", `port=${port}`]);
  try {
    const url = `postgres://bigeye@localhost:${port}/postgres?sslmode=verify-full`;
    await (await openStore(`${url}&sslrootcert=${folder}/pem`, manualClock()))
      [Symbol.asyncDispose]();
    await assert.rejects(openStore(url, manualClock()), { code: "store_unopened" });
  } finally {
    await stopCluster(folder);
  }
});

async function certificate(folder: string): Promise<void> {
  const names = ["-addext", "basicConstraints=CA:FALSE", "-addext", "subjectAltName=DNS:localhost"];
  const args = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", ...names, "-subj"];
  const { success } = await new Deno.Command("openssl", {
    args: [...args, "/CN=localhost", "-keyout", `${folder}/key`, "-out", `${folder}/pem`],
    stderr: "null",
  }).output();
  assert.ok(success);
  if (Deno.uid() === 0) await Deno.chown(`${folder}/key`, 65534, 65534);
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
