/** A connection that listens, once it has heard what another connection announces. */

// @ts-types="@types/pg"
import pg from "pg";
import { type Kysely, sql } from "kysely";
import { databasePooled } from "../../../lib/problems/database.ts";
import { CHANNEL } from "../migrations/0009_change_notices.ts";
import type { Tables } from "../tables.ts";
import type { PostgresServer } from "./postgres.ts";

export interface Listener extends AsyncDisposable {
  /** Throws unless the connection still answers. */
  check(): Promise<void>;
}

interface ListenerOptions {
  readonly onNotice?: (payload: string | undefined) => void;
  readonly onLost?: (error: Error) => void;
}

/** How long a query may take. */
const ANSWER_MS = 5_000;
/** Pauses of 0, 1, 2, … ms: 5 s together. */
const PAUSES = 100;

/**
 * Connects, listens and waits for a notice that `db` sends. Behind a pooler that takes a connection back
 * after each transaction, LISTEN succeeds and nothing is ever heard.
 * @throws `database_pooled`, and the driver's errors.
 */
export async function openListener(
  server: PostgresServer,
  db: Kysely<Tables>,
  { onNotice = () => {}, onLost = () => {} }: ListenerOptions = {},
): Promise<Listener> {
  const client = new pg.Client({ ...server.config, query_timeout: ANSWER_MS });
  const end = () => client.end().catch(() => {});
  const proof = `proof ${crypto.randomUUID()}`;
  let isHeard = false;
  client.on("error", onLost);
  client.on("end", () => onLost(new Error("the connection was closed")));
  client.on("notification", ({ payload }) => {
    if (payload === proof) isHeard = true;
    else onNotice(payload);
  });
  try {
    await client.connect();
    await client.query(`listen ${CHANNEL}`);
    await sql`select pg_notify(${CHANNEL}, ${proof})`.execute(db);
    // The pauses are not this connection's: a pooler passes on what comes while a query is answered.
    for (let ms = 0; ms <= PAUSES && !isHeard; ms++) {
      await sql`select pg_sleep(${sql.lit(ms / 1_000)})`.execute(db);
    }
    if (!isHeard) throw databasePooled(server.name);
  } catch (error) {
    await end();
    throw error;
  }
  return {
    async check() {
      await client.query("select 1");
    },
    async [Symbol.asyncDispose]() {
      await end();
    },
  };
}
