/** Postgres's error codes, and broken connections, that an operator can do something about, as Problems. */

import { Problem } from "../../../lib/problems/problem.ts";
import { databaseBusy, databaseFull, databaseUnusable } from "../../../lib/problems/postgres.ts";

/** Classes and codes, https://www.postgresql.org/docs/current/errcodes-appendix.html; the longest match holds. */
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
 * What others have brought about in the middle of a transaction, which was rolled back and can simply
 * be done again: a serialization failure, a deadlock, and a row that was made (unique violation) or
 * removed (foreign key violation) after we had looked for it.
 */
const REPEATABLE: ReadonlySet<unknown> = new Set(["40001", "40P01", "23505", "23503"]);

/** What pg says, without any code, of a connection that is gone or cannot be had. */
const DISCONNECTED =
  /^(Connection terminated|timeout exceeded|Query read timeout|Client has encountered|Client was closed|The server does not support SSL)/;

/** Whether a transaction that failed with this may be done again. */
export function isRepeatable(error: unknown): boolean {
  return REPEATABLE.has(codeOf(error instanceof Problem ? error.cause : error));
}

/** Does the work; throws `storage_full`, `storage_busy` and `storage_unusable`, or what was thrown. */
export async function explainingFaults<T>(work: () => Promise<T>): Promise<T> {
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

/** A SQLSTATE has five characters; the codes of the system's own errors, like ECONNRESET, have more. */
function isDisconnection(error: unknown, code: string): boolean {
  if (code.length > 5) return true;
  return code === "EPIPE" || error instanceof Error && DISCONNECTED.test(error.message);
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code : "";
}
