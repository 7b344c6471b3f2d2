/** Postgres as the store's database: connections, limits, and values as SQLite has them. */

import { PostgresDialect, type PostgresPool, type PostgresPoolClient } from "kysely";
// @ts-types="@types/pg"
import pg from "pg";
import type { Log } from "../../../lib/ports.ts";
import { reasonOf } from "../../../lib/problems/problem.ts";
import { databaseUrlInvalid } from "../../../lib/problems/database.ts";
import { boundValue } from "../tables.ts";
import { isConnectionLost, withDatabaseProblems } from "./faults.ts";

export interface PostgresServer {
  /** The URL without password and parameters, for people. */
  readonly name: string;
  /** How to connect; holds the password. */
  readonly config: pg.ClientConfig;
}

/** A statement that takes longer is blocked, and blocks its caller. */
const STATEMENT_MS = 30_000;
const LOCK_MS = 10_000;
const CONNECT_MS = 5_000;
/** In line for a connection: many requests at once are no fault. */
const TURN_MS = 60_000;
/** By the client's own clock, for a server that does not even say that time is up. */
const ANSWER_MS = STATEMENT_MS + 5_000;
/** Of a process that was cut off; its locks go with it. */
const IDLE_TRANSACTION_MS = 60_000;
/** A statement, as PgBouncer refuses a connection that asks for them when it is opened. */
const SET_LIMITS = `set statement_timeout = ${STATEMENT_MS}; set lock_timeout = ${LOCK_MS};
  set idle_in_transaction_session_timeout = ${IDLE_TRANSACTION_MS}`;
const CONNECTIONS = 10;
const BIGINT = 20;

/** Throws `database_url_invalid`, which has nothing of the URL. */
export function postgresServer(url: string): PostgresServer {
  const config = {
    connectionString: url,
    fallback_application_name: "bigeye-control-plane",
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_MS,
    types: { getTypeParser },
  };
  try {
    const { user = "", host, port, database = "" } = new pg.Client(config);
    return { name: `postgres://${user}@${host}:${port}/${database}`, config };
  } catch {
    throw databaseUrlInvalid();
  }
}

/** For the schema: one connection that waits as long as it takes, and says what went wrong as it is. */
export function migratingDialect(server: PostgresServer, log: Log): PostgresDialect {
  return new PostgresDialect({ pool: pooled(server, { max: 1 }, lossLog(server, log)) });
}

/** For requests: none of them waits for ever. */
export function postgresDialect(server: PostgresServer, log: Log): PostgresDialect {
  const limits = {
    max: CONNECTIONS,
    connectionTimeoutMillis: TURN_MS,
    Client: PromptClient,
    query_timeout: ANSWER_MS,
    onConnect: (client: pg.ClientBase) => client.query(SET_LIMITS),
  };
  const onLost = lossLog(server, log);
  return new PostgresDialect({ pool: adapted(pooled(server, limits, onLost), onLost) });
}

/** The pool's limit is for the line and the connection together; a server that is away is known sooner. */
class PromptClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super({ ...config, connectionTimeoutMillis: CONNECT_MS });
  }
}

type OnLost = (error: Error, client: pg.ClientBase) => void;

/** Logs a lost connection once, however many of its events tell of it. */
function lossLog({ name }: PostgresServer, log: Log): OnLost {
  const logged = new WeakSet<pg.ClientBase>();
  return (error, client) => {
    if (logged.has(client)) return;
    logged.add(client);
    log("warn", "postgres connection lost", { database: name, error: reasonOf(error) });
  };
}

function pooled({ config }: PostgresServer, limits: pg.PoolConfig, onLost: OnLost): pg.Pool {
  const pool = new pg.Pool({ ...config, ...limits });
  // An error event without a listener ends the process: the pool's while a connection is idle, the
  // client's while it is used.
  pool.on("error", onLost);
  pool.on("connect", (client) => client.on("error", (error) => onLost(error, client)));
  return pool;
}

function adapted(pool: pg.Pool, onLost: OnLost): PostgresPool {
  // The query builder tells connections apart by their object.
  const known = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await withDatabaseProblems(() => pool.connect());
      const adaptedClient = known.get(client) ?? adaptedTo(client, onLost);
      known.set(client, adaptedClient);
      return adaptedClient;
    },
  };
}

function adaptedTo(client: pg.PoolClient, onLost: OnLost): PostgresPoolClient {
  let isLost = false;
  const query = (text: string, parameters: readonly unknown[]): Promise<pg.QueryResult> =>
    withDatabaseProblems(() =>
      client.query(text, parameters.map(bindable)).catch((error) => {
        if (isConnectionLost(error)) {
          isLost = true;
          onLost(error, client);
        }
        throw error;
      })
    );
  return {
    // Cursors, the driver's other form, take a package that we have not got.
    query: query as unknown as PostgresPoolClient["query"],
    // The server's last words come before the end of the connection: until then the pool would take
    // it for a good one, and the next query would be refused as well.
    release: (destroy) => client.release(destroy || isLost),
  };
}

/** The query builder's own questions about the schema have booleans in them; our columns have none. */
const bindable = (value: unknown) => typeof value === "boolean" ? value : boundValue(value);

/** Counts and sums are 64 bits wide, which the driver would answer as text; ours are all small. */
function getTypeParser(...[oid, format]: Parameters<typeof pg.types.getTypeParser>) {
  return oid === BIGINT ? Number : pg.types.getTypeParser(oid, format);
}
