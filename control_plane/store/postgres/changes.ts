/** Changes made by any process on the same Postgres; triggers announce them on commit (LISTEN, NOTIFY). */

import { type Kysely, sql } from "kysely";
import { anySignal } from "../../../lib/async/abort.ts";
import type { Clock, Log } from "../../../lib/ports.ts";
import { reasonOf } from "../../../lib/problems/problem.ts";
import { type LocalChanges, localChanges, WATCHED_TABLES, type WatchedTable } from "../changes.ts";
import { CHANNEL } from "../migrations/0009_change_notices.ts";
import { openListener } from "./listener.ts";
import type { PostgresServer } from "./postgres.ts";
import type { Tables } from "../tables.ts";

interface ChangesNeeds {
  readonly db: Kysely<Tables>;
  readonly server: PostgresServer;
  readonly clock: Clock;
  readonly log: Log;
}

/** Minimum interval between notices of heartbeats: with 1,000 hosts one is saved every 10 ms. */
const HOSTS_NOTICE_MS = 500;
const RECONNECT_MS = 1_000;
/** How often an idle connection is probed. */
const CHECK_MS = 10_000;

/** Listens on a dedicated connection from the first subscription until disposal. */
export function postgresChanges(needs: ChangesNeeds): LocalChanges & AsyncDisposable {
  const { db, clock } = needs;
  const local = localChanges();
  const stop = new AbortController();
  let listening: Promise<void> | undefined;
  let notice: Promise<void> | undefined;

  async function noteHosts(): Promise<void> {
    await clock.sleep(HOSTS_NOTICE_MS, stop.signal);
    notice = undefined;
    await sql`select pg_notify(${CHANNEL}, 'hosts')`.execute(db);
  }

  return {
    subscribe(tables, listener) {
      listening ??= listen(needs, { announce: local.announce, signal: stop.signal });
      return local.subscribe(tables, listener);
    },
    announce(table) {
      // The database announces all other changes on commit.
      if (table !== "hosts") return;
      notice ??= noteHosts().catch(() => {}); // the next heartbeat sends another notice
    },
    async [Symbol.asyncDispose]() {
      stop.abort(new Error("the store is closed"));
      await Promise.all([listening, notice]);
    },
  };
}

interface Listening {
  readonly announce: (table: WatchedTable) => void;
  readonly signal: AbortSignal;
}

async function listen(needs: ChangesNeeds, listening: Listening): Promise<void> {
  const { signal } = listening;
  let isTold = false;
  while (!signal.aborted) {
    const error = await session(needs, listening, () => isTold = false).catch((error) => error);
    if (signal.aborted) return;
    // Log an outage once.
    if (!isTold) {
      needs.log("warn", "could not follow changes, retrying", { error: reasonOf(error) });
    }
    isTold = true;
    await needs.clock.sleep(RECONNECT_MS, signal).catch(() => {});
  }
}

/** Listens until the connection ends; always throws. */
async function session(
  { db, server, clock }: ChangesNeeds,
  { announce, signal }: Listening,
  onListening: () => void,
): Promise<never> {
  const lost = new AbortController();
  using until = anySignal(signal, lost.signal);
  await using listener = await openListener(server, db, {
    onLost: (error) => lost.abort(error),
    onNotice(payload) {
      const table = WATCHED_TABLES.find((name) => name === payload);
      if (table) announce(table);
    },
  });
  onListening();
  // Earlier notices are lost, so assume that everything changed.
  for (const table of WATCHED_TABLES) announce(table);
  for (;;) {
    await clock.sleep(CHECK_MS, until.signal);
    await listener.check();
  }
}
