/** A failure as HTTP: the documented error body with the Problem's status. */

import type { ErrorBody } from "../../lib/contract/rest.ts";
import type { Log } from "../../lib/ports.ts";
import { Problem, reasonOf } from "../../lib/problems/problem.ts";
import { unexpected } from "../../lib/problems/rest.ts";

/** Documented: `{code, message, error, details[]}`. The hint is the last of the details. */
function errorBody({ code, message, hint, details }: Problem): ErrorBody {
  return {
    code,
    message,
    error: message,
    details: [...details.map((detail) => ({ ...detail })), { message: hint }],
  };
}

/** RFC 9110, 11.6.1 and 15.5.9: how to sign in, and that the rest of a late body is not waited for. */
const HEADERS: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  401: { "www-authenticate": "apikey" },
  408: { connection: "close" },
};

export function problemAnswer(
  problem: Problem,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.json(errorBody(problem), {
    status: problem.status,
    headers: { "cache-control": "no-store", ...HEADERS[problem.status], ...headers },
  });
}

const PROGRAMS = /^\/+(?:api(?:\/|$)|healthz$)/i;

/**
 * Whether the answer is read by a program: everything below `/api`, of whatever version and however it
 * is written, so that a mistyped address is answered in the documented form and not with a page.
 */
export function isForPrograms({ url }: Request): boolean {
  const path = URL.parse(url)?.pathname ?? "";
  const plain = path.replaceAll(/%[2-7][0-9a-f]/gi, decodeURIComponent).replaceAll("\\", "/");
  return PROGRAMS.test(plain);
}

export interface FailureNeeds {
  readonly log: Log;
  /** Told of what callers cannot mend. */
  readonly complain: (problem: Problem) => void;
  readonly headers: Readonly<Record<string, string>>;
}

/** Whatever was thrown, as an answer; a bug goes to the log under an incident number, not to the caller. */
export function failureAnswer(thrown: unknown, { log, complain, headers }: FailureNeeds): Response {
  if (thrown instanceof Problem) {
    if (thrown.status >= 500) complain(thrown);
    return problemAnswer(thrown, headers);
  }
  const incident = crypto.randomUUID();
  const stack = thrown instanceof Error ? thrown.stack : undefined;
  log("error", "request failed", { incident, reason: reasonOf(thrown), stack });
  return problemAnswer(unexpected(incident, thrown), headers);
}
