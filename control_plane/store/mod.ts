/** The control plane's store: opened, brought to the present schema, one part for each table's rules. */

import type { Kysely } from "kysely";
import type { Clock, Log } from "../../lib/ports.ts";
import { type AccountStore, accountStore } from "./accounts.ts";
import { type AuditStore, auditStore } from "./audit.ts";
import { type HostStore, hostStore } from "./hosts.ts";
import { type JobStore, jobStore } from "./jobs.ts";
import { type HistoryStore, historyStore } from "./history.ts";
import { type KeyStore, keyStore } from "./keys.ts";
import { isPostgres, openedFile, openedServer } from "./opened.ts";
import { type RunOutbox, runOutbox } from "./outbox.ts";
import { type RunStore, runStore } from "./runs.ts";
import type { Tables } from "./tables.ts";
import { type UserStore, userStore } from "./users.ts";

export type { KeyOwner, User } from "./accounts.ts";
export { type Actor, MACHINE } from "./audit.ts";
export type { KnownKey } from "./keys.ts";
export type { DispatchableRun, RunOutbox } from "./outbox.ts";

export { isPostgres } from "./opened.ts";
export interface Store extends AsyncDisposable {
  readonly accounts: AccountStore;
  readonly users: UserStore;
  readonly keys: KeyStore;
  readonly audit: AuditStore;
  readonly hosts: HostStore;
  readonly jobs: JobStore;
  readonly runs: RunStore;
  readonly outbox: RunOutbox;
}

/**
 * Opens the SQLite file at `place` (`:memory:` for one that is gone with the process), or the Postgres
 * behind the URL that it is, and migrates it. Throws `store_unopened`, `store_damaged`, `store_newer`,
 * `store_not_migrated`, `database_url_invalid` and what keeps any change from being saved.
 */
export async function openStore(place: string, clock: Clock, log: Log = () => {}): Promise<Store> {
  if (!isPostgres(place)) return storeOn(await openedFile(place), clock);
  return storeOn(await openedServer(place, log), clock);
}

/** The store over a database of the present schema, which it closes at its disposal. */
export function storeOn(db: Kysely<Tables>, clock: Clock): Store {
  return {
    accounts: accountStore(db, clock),
    users: userStore(db, clock),
    keys: keyStore(db, clock),
    audit: auditStore(db),
    hosts: hostStore(db, clock),
    jobs: jobStore(db, clock),
    runs: runStore(db, clock),
    outbox: runOutbox(db, clock),
    [Symbol.asyncDispose]: () => db.destroy(),
  };
}
