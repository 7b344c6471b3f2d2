/** The control plane's store: opened, brought to the present schema, one part for each table's rules. */

import { Kysely, sql } from "kysely";
import { DEFAULT_MIGRATION_TABLE, Migrator } from "kysely/migration";
import type { Clock } from "../../lib/ports.ts";
import { Problem } from "../../lib/problem.ts";
import { storeNewer, storeNotMigrated, storeUnopened } from "../../lib/problems/store.ts";
import { type AccountStore, accountStore } from "./accounts.ts";
import { type HostStore, hostStore } from "./hosts.ts";
import { type JobStore, jobStore } from "./jobs.ts";
import { MIGRATIONS } from "./migrations/mod.ts";
import { type RunOutbox, runOutbox } from "./outbox.ts";
import { type RunStore, runStore } from "./runs.ts";
import { sqliteDialect } from "./sqlite.ts";
import type { Tables } from "./tables.ts";

export type { AccountKey, KeyOwner, User } from "./accounts.ts";
export { type Actor, MACHINE } from "./audit.ts";
export type { DispatchableRun, RunOutbox } from "./outbox.ts";

export interface Store extends AsyncDisposable {
  readonly accounts: AccountStore;
  readonly hosts: HostStore;
  readonly jobs: JobStore;
  readonly runs: RunStore;
  readonly outbox: RunOutbox;
}

/**
 * Opens the SQLite file at `path` (`:memory:` for one that is gone with the process) and migrates it.
 * Throws `store_unopened`, `store_damaged`, `store_newer`, `store_not_migrated` and what keeps any
 * change from being saved.
 */
export async function openStore(path: string, clock: Clock): Promise<Store> {
  const db = opened(path);
  try {
    await migrate(db, path);
  } catch (error) {
    await db.destroy();
    throw error instanceof Problem ? error : storeNotMigrated(path, error);
  }
  return storeOn(db, clock);
}

/** The store over a database of the present schema, which it closes at its disposal. */
export function storeOn(db: Kysely<Tables>, clock: Clock): Store {
  return {
    accounts: accountStore(db, clock),
    hosts: hostStore(db, clock),
    jobs: jobStore(db, clock),
    runs: runStore(db, clock),
    outbox: runOutbox(db, clock),
    [Symbol.asyncDispose]: () => db.destroy(),
  };
}

function opened(path: string): Kysely<Tables> {
  try {
    return new Kysely<Tables>({ dialect: sqliteDialect(path) });
  } catch (cause) {
    throw cause instanceof Problem ? cause : storeUnopened(path, cause);
  }
}

async function migrate(db: Kysely<Tables>, path: string): Promise<void> {
  const provider = { getMigrations: () => Promise.resolve(MIGRATIONS) };
  const migrator = new Migrator({ db, provider });
  const newest = await newestStep(db);
  if (newest !== undefined && !Object.hasOwn(MIGRATIONS, newest)) throw storeNewer(path, newest);
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

/** The last migration that the file has had; a fresh one has had none. */
async function newestStep(db: Kysely<Tables>): Promise<string | undefined> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === DEFAULT_MIGRATION_TABLE)) return undefined;
  const { rows } = await sql<{ name: string }>`select name from ${
    sql.table(DEFAULT_MIGRATION_TABLE)
  }
    order by name desc limit 1`.execute(db);
  return rows[0]?.name;
}
