/** The control plane's store: opens and migrates the database; each part holds the rules of its tables. */

import type { Kysely } from "kysely";
import type { Clock, Log } from "../../lib/ports.ts";
import { type AccountStore, accountStore, keyCache } from "./people/accounts.ts";
import { type AuditStore, auditStore } from "./audit.ts";
import { announcing, type Changes, type LocalChanges, localChanges } from "./changes.ts";
import { type HostStore, hostStore } from "./hosts/hosts.ts";
import { type HistoryStore, historyStore } from "./jobs/history.ts";
import { type JobStore, jobStore } from "./jobs/jobs.ts";
import { type KeyStore, keyStore } from "./people/keys.ts";
import { isPostgres, openFile, openServer } from "./open.ts";
import { type RetentionStore, retentionStore } from "./retention.ts";
import { type RunOutbox, runOutbox } from "./runs/outbox.ts";
import { type RunStore, runStore } from "./runs/runs.ts";
import { type ScheduleStore, scheduleStore } from "./jobs/schedules.ts";
import { type SessionStore, sessionStore } from "./people/sessions.ts";
import type { Tables } from "./tables.ts";
import { type UserStore, userStore } from "./people/users.ts";

export type { KeyOwner, User } from "./people/accounts.ts";
export { type Actor, MACHINE } from "./audit.ts";
export type { HostStore } from "./hosts/hosts.ts";
export { isPostgres } from "./open.ts";
export type { KnownKey } from "./people/keys.ts";
export type { RetentionStore } from "./retention.ts";
export type { DispatchableRun, RunOutbox } from "./runs/outbox.ts";
export type { ScheduleChange, ScheduleStore } from "./jobs/schedules.ts";

export interface Store extends AsyncDisposable {
  readonly accounts: AccountStore;
  readonly users: UserStore;
  readonly keys: KeyStore;
  readonly audit: AuditStore;
  readonly retention: RetentionStore;
  readonly hosts: HostStore;
  readonly jobs: JobStore;
  readonly runs: RunStore;
  readonly outbox: RunOutbox;
  readonly schedules: ScheduleStore;
  readonly history: HistoryStore;
  readonly sessions: SessionStore;
  readonly changes: Changes;
}

/**
 * Opens and migrates the database at `place`: the path of a SQLite file, `:memory:`, or a Postgres URL.
 * @throws `store_unopened`, `store_damaged`, `store_newer`, `store_not_migrated`,
 * `database_url_invalid`, and the `storage_…` problems of any write.
 */
export async function openStore(place: string, clock: Clock, log: Log = () => {}): Promise<Store> {
  if (!isPostgres(place)) return storeOn(await openFile(place), clock);
  const { db, changes } = await openServer(place, { clock, log });
  const store = storeOn(db, clock, changes);
  return {
    ...store,
    async [Symbol.asyncDispose]() {
      await changes[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

/**
 * Builds the store on a migrated database and closes the database when disposed. `shared` delivers the
 * changes of other processes; without it this process must be the only one that uses the database.
 */
export function storeOn(db: Kysely<Tables>, clock: Clock, shared?: LocalChanges): Store {
  const changes = shared ?? localChanges();
  const cache = shared ? undefined : keyCache();
  const { announce } = changes;
  return {
    accounts: accountStore(db, clock, cache),
    users: userStore(db, clock),
    keys: keyStore(db, clock, cache),
    audit: auditStore(db),
    retention: retentionStore(db),
    hosts: announcing(
      hostStore(db, clock),
      ["register", "heartbeat", "remove"],
      () => announce("hosts"),
    ),
    jobs: announcing(jobStore(db, clock), ["create", "update", "remove"], () => announce("jobs")),
    runs: announcing(runStore(db, clock), ["trigger", "cancel"], () => announce("runs")),
    outbox: announcing(
      runOutbox(db, clock),
      ["recordPhases", "recordOutcome"],
      () => announce("runs"),
    ),
    schedules: announcing(scheduleStore(db, clock), ["fire"], () => announce("runs")),
    history: historyStore(db),
    sessions: sessionStore(db, clock),
    changes,
    [Symbol.asyncDispose]: () => db.destroy(),
  };
}
