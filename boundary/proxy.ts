/** The socket proxy: judges each request by the policy, carries the allowed ones to the engine, writes them down. */

import type { Clock, Fetch, Log } from "../lib/ports.ts";
import { reasonOf } from "../lib/problems/problem.ts";
import type { Endpoint } from "./endpoints.ts";
import { metered } from "./metered.ts";
import { decide, type Decision } from "./policy.ts";
import { whole } from "./short_answer.ts";

export interface ProxyNeeds {
  /** Reaches the engine behind its socket; the URL's host is ignored. */
  readonly engine: Fetch;
  readonly log: Log;
  readonly clock: Pick<Clock, "monotonic">;
}

/** Response headers that belong to one connection (RFC 9110, section 7.6.1); each side frames its own message. */
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
/** The caller went away before the engine answered; nobody reads this status but the log (as nginx has it). */
const CLIENT_CLOSED_REQUEST = 499;

type Bytes = Uint8Array<ArrayBuffer>;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Bytes | ReadableStream<Bytes> | null;
}

/**
 * The proxy as a function. A short answer leaves in one write. An answer that streams is passed on as it comes,
 * and nothing is cut for being idle: a followed log or a wait may last for hours. When either side leaves, the
 * other one is closed. One log line a request, at its end.
 */
export function createProxy({ engine, log, clock }: ProxyNeeds): Fetch {
  return async (request) => {
    const started = clock.monotonic();
    const target = targetOf(request.url);
    const decision = judge(request, target);
    const { status, headers, body } = decision.allowed
      ? await carry(request, { target, endpoint: decision.endpoint, engine })
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
        ...(error === undefined ? {} : { broken: breakOf(request, error) }),
      });
    if (body instanceof ReadableStream) {
      // A small write waits until the one before it was acknowledged, which takes up to 40 ms; the end of the
      // connection does not wait, and takes with it what does. Deno's server cannot turn that off (TCP_NODELAY).
      headers.set("connection", "close");
      return new Response(metered(body, audit), { status, headers });
    }
    audit(body?.length ?? 0);
    return new Response(body, { status, headers });
  };
}

/** What ended a stream before its end. */
function breakOf({ signal }: Request, error: unknown): string {
  return signal.aborted ? "the client left" : reasonOf(error);
}

/** The request target. The server builds the URL from the text that came, so nothing is decoded or resolved yet. */
function targetOf(url: string): string {
  const path = url.indexOf("/", url.indexOf("//") + 2);
  return path === -1 ? "" : url.slice(path);
}

/** The policy, and what HTTP itself adds to it: a host that is one, no upgrade, a body only where one is taken. */
function judge({ method, headers }: Request, target: string): Decision {
  if (!PLAIN_AUTHORITY.test(headers.get("host") ?? "")) return refused("the Host header is odd");
  if (headers.has("upgrade")) return refused("a connection cannot be taken over");
  if (headers.has("content-length") && headers.has("transfer-encoding")) {
    return refused("the length of the body is told twice");
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
 * Asks the engine in a new message, of which nothing is copied but method, target and, where the endpoint takes
 * one, the body; the answer is the engine's, or 502 when there is none. Reading bodies would begin here.
 */
async function carry(
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
      body: streams ? body : await whole(body, request.signal),
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
  // A server that compresses on the way would hold lines of a followed log back.
  headers.set("cache-control", "no-transform");
  return headers;
}

/** An error in the Engine's own form, so that every client shows it. */
function refusal(status: number, message: string): Answer {
  const body = new TextEncoder().encode(JSON.stringify({ message }));
  return { status, headers: outgoing(new Headers({ "content-type": "application/json" })), body };
}

/** The path without its query, whose values may be anybody's secret; no byte of it can break a line. */
function printablePath(target: string): string {
  return (target.split("?", 1)[0] ?? "").slice(0, 200).replace(/[^\x21-\x7e]/g, "?");
}
