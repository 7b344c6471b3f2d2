/** Makes one REST call to Bigeye; returns the parsed answer, or throws a Problem that says what to do. */

import * as v from "valibot";
import { type ErrorBody, ErrorBodySchema } from "../contract/rest.ts";
import { withDeadline } from "../async/timing.ts";
import type { Clock, Fetch } from "../ports.ts";
import { type Problem, type ProblemDetail, reasonOf } from "../problems/problem.ts";
import {
  bigeyeDenied,
  bigeyeRefused,
  bigeyeUnreachable,
  bigeyeUntrusted,
  keyRejected,
  notBigeye,
  proxyRefused,
} from "../problems/bigeye.ts";
import type { Secret } from "../crypto/secret.ts";

const ANSWER_WITHIN_MS = 30_000;

export interface Caller {
  /** Base URL without a final slash. */
  readonly url: string;
  readonly key: Secret;
  readonly keyName: "Personal API Key" | "Agent API Key";
  readonly fetch: Fetch;
  readonly clock: Clock;
}

export interface Call {
  /** The call as an infinitive, as in `list the hosts`. */
  readonly doing: string;
  readonly method: "GET" | "PUT" | "POST";
  readonly path: string;
  readonly body?: unknown;
  /** Headers that make the call conditional (RFC 9110, 13.1). */
  readonly conditions?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Problems for certain codes of Bigeye's error body; for all other codes the status decides. */
  readonly refusals?: Readonly<Record<string, (details: readonly ProblemDetail[]) => Problem>>;
}

export interface Answer {
  readonly status: number;
  /** Parsed JSON, or `undefined` if the answer has no body. */
  readonly body: unknown;
}

/**
 * Makes a call and returns its answer if the status is 2xx. It waits at most 30 s.
 * @throws a Problem of `lib/problems/bigeye.ts` or of `refusals`; on abort the signal's reason
 */
export async function call(caller: Caller, request: Call): Promise<Answer> {
  const response = await send(caller, request);
  const { status } = response;
  if (status === 407) {
    throw proxyRefused(caller.url, "407: the proxy requires a user and a password");
  }
  if (status >= 300 && status < 400) {
    throw notBigeye(caller.url, `${status}: it redirects to "${response.location ?? "nowhere"}"`);
  }
  const body = jsonOf(response, caller.url);
  if (status < 300) return { status, body };
  throw refusal(caller, { ...request, status, body });
}

/**
 * Makes a call and returns the body, parsed by `schema`.
 * @throws as {@linkcode call}; `not_bigeye` if the body does not fit
 */
export async function callFor<T>(
  caller: Caller,
  schema: v.GenericSchema<unknown, T>,
  request: Call,
): Promise<T> {
  const { body } = await call(caller, request);
  const parsed = v.safeParse(schema, body);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw notBigeye(
    `${caller.url}${request.path}`,
    `${v.getDotPath(issue) ?? "the body"}: ${issue.message}`,
  );
}

interface RawAnswer {
  readonly status: number;
  readonly location: string | null;
  readonly text: string;
}

async function send(
  caller: Caller,
  { method, path, body, conditions, signal }: Call,
): Promise<RawAnswer> {
  const { url, key, clock } = caller;
  const headers = {
    ...conditions,
    authorization: `apikey ${key.reveal()}`,
    accept: "application/json",
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
  try {
    return await withDeadline(clock, { ms: ANSWER_WITHIN_MS, signal }, async (deadline) => {
      const response = await caller.fetch(
        new Request(`${url}${path}`, {
          method,
          headers,
          signal: deadline,
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      );
      const text = await response.text();
      return { status: response.status, location: response.headers.get("location"), text };
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw noAnswer(url, error);
  }
}

/** Tells the cause from the error's text, which comes from rustls and hyper, on which Deno's fetch is built. */
function noAnswer(url: string, error: unknown): Problem {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : undefined;
  const reason = [reasonOf(error), ...(cause === undefined ? [] : [reasonOf(cause)])].join(": ");
  if (/certificate|UnknownIssuer/i.test(reason)) return bigeyeUntrusted(url, error, reason);
  if (/tunnel|proxy/i.test(reason)) return proxyRefused(url, reason);
  return bigeyeUnreachable(url, error, reason);
}

function jsonOf({ status, text }: RawAnswer, url: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    const start = text.slice(0, 60).replaceAll(/\s+/g, " ");
    throw notBigeye(url, `${status}: expected JSON, got "${start}"`);
  }
}

function refusal(
  { url, keyName }: Caller,
  { doing, refusals = {}, status, body }: Pick<Call, "doing" | "refusals"> & Answer,
): Problem {
  if (status === 401) return keyRejected(keyName, url);
  const parsed = v.safeParse(ErrorBodySchema, body);
  if (!parsed.success) return notBigeye(url, `${status} without Bigeye's error body`);
  const { code, message, details: found }: ErrorBody = parsed.output;
  const details = found.map(({ path, message }) =>
    path === undefined ? { message } : { path, message }
  );
  const known = Object.hasOwn(refusals, code) ? refusals[code] : undefined;
  if (known) return known(details);
  const answer = `${code}: ${message}`;
  if (status === 403) return bigeyeDenied(doing, answer);
  return bigeyeRefused(doing, { status, answer, details });
}
