/** Opens a database, SQLite or Postgres, and migrates it to the newest schema. */

import { Kysely, sql } from "kysely";
import { DEFAULT_MIGRATION_TABLE, Migrator } from "kysely/migration";
import type { Clock, Log } from "../../lib/ports.ts";
import { Problem } from "../../lib/problems/problem.ts";
import {
  databaseNotMigrated,
  databaseUnopened,
  storeNewer,
  storeNotMigrated,
  storeUnopened,
} from "../../lib/problems/database.ts";
import type { LocalChanges } from "./changes.ts";
import { MIGRATIONS } from "./migrations/mod.ts";
import { sqliteDialect } from "./sqlite/sqlite.ts";
import type { Tables } from "./tables.ts";

/** Reports whether `place` is a Postgres URL rather than a file path. */
export function isPostgres(place: string): boolean {
  return /^postgres(ql)?:\/\//.test(place);
}

/**
 * Opens and migrates a SQLite file.
 * @throws `store_unopened`, `store_damaged`, `store_newer`, `store_not_migrated`.
 */
export async function openFile(path: string): Promise<Kysely<Tables>> {
  const db = fromFile(path);
  try {
    await migrate(db, path);
    return db;
  } catch (error) {
    await db.destroy();
    throw error instanceof Problem ? error : storeNotMigrated(path, error);
  }
}

/**
 * Connects to a Postgres server and migrates its database.
 * @throws `database_url_invalid`, `store_unopened`, `database_pooled`, `store_newer`,
 * `store_not_migrated`.
 */
export async function openServer(
  url: string,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<{ db: Kysely<Tables>; changes: LocalChanges & AsyncDisposable }> {
  // Loaded lazily, because most control planes use SQLite.
  const { migratingDialect, postgresDialect, postgresServer } = await import(
    "./postgres/postgres.ts"
  );
  const { postgresChanges } = await import("./postgres/changes.ts");
  const { openListener } = await import("./postgres/listener.ts");
  const { RetryingKysely } = await import("./postgres/retrying_kysely.ts");
  const server = postgresServer(url);
  const migrating = new Kysely<Tables>({ dialect: migratingDialect(server, log) });
  try {
    await sql`select 1`.execute(migrating).catch((cause) => {
      throw databaseUnopened(server.name, cause);
    });
    const listener = await openListener(server, migrating).catch((cause) => {
      throw cause instanceof Problem ? cause : databaseUnopened(server.name, cause);
    });
    await listener[Symbol.asyncDispose]();
    // The migrator takes an advisory lock, so other processes that start now wait here.
    await migrate(migrating, server.name);
  } catch (error) {
    throw error instanceof Problem ? error : databaseNotMigrated(server.name, error);
  } finally {
    await migrating.destroy();
  }
  const db = new RetryingKysely<Tables>({ dialect: postgresDialect(server, log) });
  return { db, changes: postgresChanges({ db, server, clock, log }) };
}

function fromFile(path: string): Kysely<Tables> {
  try {
    return new Kysely<Tables>({ dialect: sqliteDialect(path) });
  } catch (cause) {
    throw cause instanceof Problem ? cause : storeUnopened(path, cause);
  }
}

async function migrate(db: Kysely<Tables>, name: string): Promise<void> {
  const provider = { getMigrations: () => Promise.resolve(MIGRATIONS) };
  const migrator = new Migrator({ db, provider });
  const newest = await newestMigration(db);
  if (newest !== undefined && !Object.hasOwn(MIGRATIONS, newest)) throw storeNewer(name, newest);
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

/** Returns the newest migration that the database has; `undefined` for a fresh database. */
async function newestMigration(db: Kysely<Tables>): Promise<string | undefined> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === DEFAULT_MIGRATION_TABLE)) return undefined;
  const { rows } = await sql<{ name: string }>`select name from ${
    sql.table(DEFAULT_MIGRATION_TABLE)
  } order by name desc limit 1`.execute(db);
  return rows[0]?.name;
}
