/** The connection to Postgres: errors when it is lost, and the server's certificate. */

import assert from "node:assert/strict";
import { Kysely, sql } from "kysely";
import { MACHINE, openStore } from "../../../../control_plane/store/mod.ts";
import {
  postgresDialect,
  postgresServer,
} from "../../../../control_plane/store/postgres/postgres.ts";
import { RetryingKysely } from "../../../../control_plane/store/postgres/retrying_kysely.ts";
import { systemFreePort } from "../../../../lib/system/network.ts";
import {
  inDatabase,
  resumeCluster,
  startCluster,
  stopCluster,
} from "../../../harness/databases/postgres_cluster.ts";
import { inPlace, postgresTest as test } from "../../../harness/databases/test_store.ts";
import { manualClock } from "../../../fakes/system/clock.ts";

const nameIn = (url: string): string => new URL(url).pathname.slice(1);

/** Ends the connections of a database and waits until they have ended. */
async function cutConnections(url: string): Promise<void> {
  const cut = await inDatabase(
    "postgres",
    `select pg_terminate_backend(pid, 60000) as ended from pg_stat_activity
      where datname = '${nameIn(url)}'`,
  );
  assert.deepEqual(cut.filter(({ ended }) => ended !== true), []);
}

test("a lost idle connection is logged, and one query at most fails", () =>
  inPlace(async (url) => {
    const lines: string[] = [];
    const noted = Promise.withResolvers<void>();
    await using store = await openStore(url, manualClock(), (level, message) => {
      lines.push(`${level} ${message}`);
      noted.resolve();
    });
    await store.hosts.get("absent").catch(() => {});
    await cutConnections(url);
    // Either the pool notices it before the query, or the query fails.
    const refused = await store.accounts.hasUsers().then(() => undefined, (error) => error);
    if (refused) assert.deepEqual([refused.code, refused.status], ["storage_unusable", 503]);
    assert.equal(await store.accounts.hasUsers(), false);
    await noted.promise;
    assert.deepEqual(lines, ["warn postgres connection lost"]);
  }));

test("a connection that is lost during a query is logged, and the next query uses another one", () =>
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

test("a transaction whose connection is lost is rolled back, and is 503", () =>
  inPlace(async (url) => {
    const db = new RetryingKysely<{ settings: { name: string; value: string } }>({
      dialect: postgresDialect(postgresServer(url), () => {}),
    });
    try {
      const cut = db.transaction().execute(async (trx) => {
        await trx.insertInto("settings").values({ name: "a", value: "b" }).execute();
        const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx);
        await inDatabase("postgres", `select pg_terminate_backend(${rows[0]?.pid})`);
        await trx.insertInto("settings").values({ name: "c", value: "d" }).execute();
      });
      await assert.rejects(cut, { code: "storage_unusable", status: 503, retryable: true });
      assert.deepEqual(await db.selectFrom("settings").selectAll().execute(), []);
    } finally {
      await db.destroy();
    }
  }));

test("queries are 503 while the server is down, and work again when it is up", async () => {
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

// Attacker: in the network between the control plane and the database server.
test("with sslmode=verify-full the server needs a certificate of the given authority", async () => {
  const folder = await Deno.makeTempDir({ prefix: "bigeye-postgres-" });
  await certificate(folder);
  const port = systemFreePort();
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
