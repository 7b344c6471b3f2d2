/** HTTP responses: the documented error body, generated files, and failures for the log. */

import type { ErrorBody } from "../../lib/contract/rest.ts";
import type { Clock, Log } from "../../lib/ports.ts";
import { Problem, reasonOf } from "../../lib/problems/problem.ts";
import { unexpected } from "../../lib/problems/rest.ts";

/** Builds the documented body `{code, message, error, details[]}`; the hint is the last detail. */
function errorBody({ code, message, hint, details }: Problem): ErrorBody {
  return {
    code,
    message,
    error: message,
    details: [...details.map((detail) => ({ ...detail })), { message: hint }],
  };
}

/** RFC 9110, 11.6.1 and 15.5.9: how to authenticate, and that the rest of a slow body is not read. */
const HEADERS: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  401: { "www-authenticate": "apikey" },
  408: { connection: "close" },
};

/** Returns a Problem as JSON with its status. */
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
 * Reports whether a program reads the response: everything under `/api`, of any version and spelling, so
 * that a mistyped path gets the documented error body instead of a page.
 */
export function isForPrograms({ url }: Request): boolean {
  const path = URL.parse(url)?.pathname ?? "";
  const plain = path.replaceAll(/%[2-7][0-9a-f]/gi, decodeURIComponent).replaceAll("\\", "/");
  return PROGRAMS.test(plain);
}

/** Answers before there is a route: browsers get plain text, programs the documented error body. */
export function bareAnswer(
  request: Request,
  problem: Problem,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const isBrowser = request.headers.get("accept")?.includes("text/html");
  if (!isBrowser || isForPrograms(request)) return problemAnswer(problem, headers);
  return new Response(`${problem.message}. ${problem.hint}.\n`, {
    status: problem.status,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      ...headers,
    },
  });
}

export interface FailureNeeds {
  readonly log: Log;
  /** Called with problems that callers cannot fix. */
  readonly logFailure: (problem: Problem) => void;
}

/** Returns a Problem for anything thrown. A bug is logged under an incident id, and only the id is shown. */
export function problemFor(thrown: unknown, { log, logFailure }: FailureNeeds): Problem {
  if (thrown instanceof Problem) {
    if (thrown.status >= 500) logFailure(thrown);
    return thrown;
  }
  const incident = crypto.randomUUID();
  const stack = thrown instanceof Error ? thrown.stack : undefined;
  log("error", "request failed", { incident, reason: reasonOf(thrown), stack });
  return unexpected(incident, thrown);
}

/** A file that is generated and streamed. */
export interface FileAnswer {
  /** Media type without parameters. */
  readonly type: string;
  /** The name under which a browser saves it. */
  readonly name: string;
  readonly pieces: AsyncIterable<string>;
}

/** Streams a generated file as UTF-8, so that its size does not matter. */
export function fileAnswer(
  { type, name, pieces }: FileAnswer,
  headers: Readonly<Record<string, string>>,
): Response {
  const disposition = `attachment; filename="${name}"`;
  return new Response(ReadableStream.from(encoded(pieces)), {
    headers: {
      ...headers,
      "content-type": `${type}; charset=utf-8`,
      "content-disposition": disposition,
    },
  });
}

async function* encoded(pieces: AsyncIterable<string>): AsyncGenerator<Uint8Array, void> {
  const encoder = new TextEncoder();
  for await (const piece of pieces) yield encoder.encode(piece);
}

/** One line per minute and code, so that a thousand retrying hosts do not fill the log. */
const EVERY_MS = 60_000;

/** Creates a log for failures that callers cannot fix, such as a full disk. */
export function throttledErrorLog(log: Log, clock: Clock): (problem: Problem) => void {
  const loggedAt = new Map<string, number>();
  return ({ code, message: problem, hint, cause }) => {
    const now = clock.monotonic();
    if (now - (loggedAt.get(code) ?? -Infinity) < EVERY_MS) return;
    loggedAt.set(code, now);
    log("warn", `requests fail: ${code}`, { problem, hint, cause: cause && reasonOf(cause) });
  };
}
