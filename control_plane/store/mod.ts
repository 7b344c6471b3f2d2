/** The control plane's store: opened, brought to the present schema, one part for each table's rules. */

import { Kysely } from "kysely";
import { Migrator } from "kysely/migration";
import type { Clock } from "../../lib/ports.ts";
import { storeNotMigrated, storeUnopened } from "../../lib/problems/plane.ts";
import { type AccountStore, accountStore } from "./accounts.ts";
import { type HostStore, hostStore } from "./hosts.ts";
import { type JobStore, jobStore } from "./jobs.ts";
import { MIGRATIONS } from "./migrations.ts";
import { type RunOutbox, runOutbox } from "./outbox.ts";
import { type RunStore, runStore } from "./runs.ts";
import { sqliteDialect } from "./sqlite.ts";
import type { Tables } from "./tables.ts";

export type { AccountKey, KeyOwner, User } from "./accounts.ts";
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
 * Throws `store_unopened` and `store_not_migrated`.
 */
export async function openStore(path: string, clock: Clock): Promise<Store> {
  const db = opened(path);
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(MIGRATIONS) },
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) {
    await db.destroy();
    throw storeNotMigrated(path, error);
  }
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
    throw storeUnopened(path, cause);
  }
}
