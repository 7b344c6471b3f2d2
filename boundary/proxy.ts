/** The socket proxy: judges each request by the policy, forwards the allowed ones to the engine, logs all of them. */

import type { Clock, Fetch, Log } from "../lib/ports.ts";
import { reasonOf } from "../lib/problems/problem.ts";
import { type Bytes, counted, readShort } from "./answer_body.ts";
import { decide, type Decision, type Endpoint } from "./policy.ts";

export interface ProxyNeeds {
  /** Reaches the engine through its socket. The URL's host is ignored. */
  readonly engine: Fetch;
  readonly log: Log;
  readonly clock: Pick<Clock, "monotonic">;
}

/** Headers of one connection (RFC 9110, section 7.6.1). They are not forwarded: each side frames its own message. */
const CONNECTION_HEADERS = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];
const PLAIN_AUTHORITY = /^[A-Za-z0-9._:[\]-]*$/;
/** The client left before the engine answered. Only the log shows this status (the number is nginx's). */
const CLIENT_CLOSED_REQUEST = 499;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Bytes | ReadableStream<Bytes> | null;
}

/**
 * Makes the proxy's handler. A short answer leaves in one write. A stream is passed on as it arrives and has
 * no idle timeout: a followed log or a wait may last for hours. When one side leaves, the other is closed.
 * Each request gives one log line, at its end.
 */
export function createProxy({ engine, log, clock }: ProxyNeeds): Fetch {
  return async (request) => {
    const started = clock.monotonic();
    const target = targetOf(request.url);
    const decision = judge(request, target);
    const { status, headers, body } = decision.allowed
      ? await forward(request, { target, endpoint: decision.endpoint, engine })
      : refusal(403, `Denied by the socket proxy: ${decision.reason}`);

    const audit = (bytes: number, error?: unknown) =>
      log(decision.allowed ? "info" : "warn", "docker request", {
        method: request.method,
        path: printablePath(target),
        allowed: decision.allowed,
        ...(decision.allowed ? { endpoint: decision.endpoint.name } : { rule: decision.rule }),
        status,
        duration_ms: Math.round((clock.monotonic() - started) * 10) / 10,
        bytes,
        ...(error === undefined ? {} : { broken: breakReason(request, error) }),
      });
    if (body instanceof ReadableStream) {
      // A small write waits until the one before it is acknowledged, which takes up to 40 ms. Closing the
      // connection sends it at once. Deno's server cannot set TCP_NODELAY, which would avoid the wait.
      headers.set("connection", "close");
      return new Response(counted(body, audit), { status, headers });
    }
    audit(body?.length ?? 0);
    return new Response(body, { status, headers });
  };
}

/** Why a stream broke. */
function breakReason({ signal }: Request, error: unknown): string {
  return signal.aborted ? "the client left" : reasonOf(error);
}

/** The request target. The server builds the URL from the received text, so nothing in it is decoded or resolved. */
function targetOf(url: string): string {
  const path = url.indexOf("/", url.indexOf("//") + 2);
  return path === -1 ? "" : url.slice(path);
}

/** Applies the policy, and the rules for headers: a valid Host, no upgrade, a body only where the endpoint takes one. */
function judge({ method, headers }: Request, target: string): Decision {
  if (!PLAIN_AUTHORITY.test(headers.get("host") ?? "")) {
    return refused("the Host header is not valid");
  }
  if (headers.has("upgrade")) return refused("a connection cannot be upgraded");
  if (headers.has("content-length") && headers.has("transfer-encoding")) {
    return refused("the body has two lengths");
  }
  const decision = decide({ method, target });
  if (!decision.allowed) return decision;
  const { name, body } = decision.endpoint;
  if (body === "json") return isJson(headers) ? decision : refused(`"${name}" takes JSON only`);
  return hasBody(headers) ? refused(`"${name}" takes no body`) : decision;
}

function isJson(headers: Headers): boolean {
  const [type = ""] = (headers.get("content-type") ?? "").split(";", 1);
  return type.trim().toLowerCase() === "application/json";
}

function hasBody(headers: Headers): boolean {
  return headers.has("transfer-encoding") || Number(headers.get("content-length") ?? 0) !== 0;
}

function refused(reason: string): Decision {
  return { allowed: false, rule: "message", reason };
}

/**
 * Asks the engine in a new message, with only the method, the target and, where the endpoint takes one, the
 * body of the request. Resolves with the engine's answer, or 502 if it gives none.
 */
async function forward(
  request: Request,
  { target, endpoint, engine }: { target: string; endpoint: Endpoint; engine: Fetch },
): Promise<Answer> {
  const takesBody = endpoint.body === "json";
  const headers = new Headers({ "accept-encoding": "identity" });
  if (takesBody) headers.set("content-type", "application/json");
  try {
    const response = await engine(
      new Request(`http://engine${target}`, {
        method: request.method,
        headers,
        body: takesBody ? request.body : null,
        redirect: "manual",
        signal: request.signal,
      }),
    );
    const { status, body } = response;
    const streams = body === null || (endpoint.streams && response.ok);
    return {
      status,
      headers: outgoing(response.headers),
      body: streams ? body : await readShort(body, request.signal),
    };
  } catch (error) {
    if (request.signal.aborted) {
      return { status: CLIENT_CLOSED_REQUEST, headers: new Headers(), body: null };
    }
    return refusal(502, `The Docker Engine did not answer: ${reasonOf(error)}`);
  }
}

function outgoing(from: Headers): Headers {
  const headers = new Headers(from);
  for (const name of CONNECTION_HEADERS) headers.delete(name);
  // A server that compresses would hold back lines of a followed log.
  headers.set("cache-control", "no-transform");
  return headers;
}

/** An error in the format of the Engine API, so that every client shows it. */
function refusal(status: number, message: string): Answer {
  const body = new TextEncoder().encode(JSON.stringify({ message }));
  return { status, headers: outgoing(new Headers({ "content-type": "application/json" })), body };
}

/** The path without its query, which may hold secrets, and without bytes that could break a log line. */
function printablePath(target: string): string {
  return (target.split("?", 1)[0] ?? "").slice(0, 200).replace(/[^\x21-\x7e]/g, "?");
}
