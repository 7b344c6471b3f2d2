/** Maps Postgres error codes and broken connections to Problems that an operator can act on. */

import { Problem } from "../../../lib/problems/problem.ts";
import { databaseBusy, databaseFull, databaseUnusable } from "../../../lib/problems/database.ts";

/** SQLSTATE classes and codes, https://www.postgresql.org/docs/current/errcodes-appendix.html; the longest match wins. */
const FACTORIES = new Map([
  ["40", databaseBusy], // serialization failure, deadlock
  ["53100", databaseFull],
  ["55P03", databaseBusy],
  ["57014", databaseBusy],
  ...[
    "08", // connection exception
    "25006", // read only: the server is a standby now
    "28", // invalid authorization
    "3D000", // no such database
    "42501", // insufficient privilege
    "53", // insufficient resources
    "57P", // shut down, starting up
    "58", // system error
    "XX001", // data corrupted
    "XX002", // index corrupted
  ].map((code) => [code, databaseUnusable] as const),
]);

/**
 * Failures caused by concurrent transactions. The transaction was rolled back and can be retried: a
 * serialization failure, a deadlock, and a row that another one inserted (unique violation) or deleted
 * (foreign key violation) after we had looked for it.
 */
const RETRYABLE: ReadonlySet<unknown> = new Set(["40001", "40P01", "23505", "23503"]);

/** Messages of `pg` for a lost or refused connection; these errors have no code. */
const DISCONNECTED =
  /^(Connection terminated|timeout exceeded|Query read timeout|Client has encountered|Client was closed|The server does not support SSL)/;

/** Reports whether a transaction that failed with this error may be retried. */
export function isRetryable(error: unknown): boolean {
  return RETRYABLE.has(codeOf(error instanceof Problem ? error.cause : error));
}

/** Reports whether the connection that answered a query with this error is of no more use. */
export function isConnectionLost(error: unknown): boolean {
  const code = codeOf(error);
  return code.startsWith("57P") || code.startsWith("08") || isDisconnection(error, code);
}

/**
 * Runs `work` and turns database errors into Problems.
 * @throws `storage_full`, `storage_busy`, `storage_unusable`; other errors pass through.
 */
export async function withDatabaseProblems<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explained(error);
  }
}

function explained(error: unknown): unknown {
  const code = codeOf(error);
  const factory = FACTORIES.get(code) ?? FACTORIES.get(code.slice(0, 3)) ??
    FACTORIES.get(code.slice(0, 2)) ??
    (isDisconnection(error, code) ? databaseUnusable : undefined);
  return factory ? factory(error) : error;
}

/** A SQLSTATE has five characters; system error codes such as ECONNRESET have more. */
function isDisconnection(error: unknown, code: string): boolean {
  if (code.length > 5) return true;
  return code === "EPIPE" || error instanceof Error && DISCONNECTED.test(error.message);
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code : "";
}
