/** Makes one REST call to Bigeye; returns the parsed answer, or throws a Problem that says what to do. */

import * as v from "valibot";
import { type ErrorBody, ErrorBodySchema } from "../contract/rest.ts";
import { withJsonNames } from "../contract/messages/proto_json.ts";
import { withDeadline } from "../async/timing.ts";
import type { Clock, Fetch } from "../ports.ts";
import { Problem, type ProblemDetail, reasonOf } from "../problems/problem.ts";
import {
  bigeyeBusy,
  bigeyeDenied,
  bigeyeFailed,
  bigeyeLacks,
  bigeyeRefused,
  bigeyeUnreachable,
  bigeyeUntrusted,
  keyRejected,
  notBigeye,
  proxyRefused,
} from "../problems/bigeye.ts";
import type { Secret } from "../crypto/secret.ts";

const ANSWER_WITHIN_MS = 30_000;
/** How long a call waits in all when Bigeye asks for patience (429). */
const MOST_PATIENCE_SECONDS = 120;

export interface Caller {
  /** Base URL without a final slash. */
  readonly url: string;
  readonly key: Secret;
  readonly keyName: "Personal API Key" | "Agent API Key";
  /** `bigeye.workspace_id`: the workspace that the key's owner means. */
  readonly workspaceId?: number | undefined;
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** Is told before a call waits because Bigeye answered 429. */
  readonly onWait?: (seconds: number) => void;
}

export interface Call {
  /** The call as an infinitive, as in `list the hosts`. */
  readonly doing: string;
  readonly method: "GET" | "PUT" | "POST";
  readonly path: string;
  readonly body?: unknown;
  /** Headers beyond those of every call. */
  readonly headers?: Readonly<Record<string, string>>;
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
 * Makes a call and returns its answer if the status is 2xx. It waits at most 30 s for the answer. After a
 * 429 it waits as long as `Retry-After` says and asks again, for at most 120 s in all.
 * @throws a Problem of `lib/problems/bigeye.ts` or of `refusals`; on abort the signal's reason
 */
export async function call(caller: Caller, request: Call): Promise<Answer> {
  const response = await sendPatiently(caller, request);
  const { status } = response;
  if (status === 407) {
    throw proxyRefused(caller.url, "407: the proxy requires a user and a password");
  }
  if (status >= 300 && status < 400) {
    throw notBigeye(caller.url, `${status}: it redirects to "${response.location ?? "nowhere"}"`);
  }
  if (status < 300) return { status, body: jsonOf(response, caller.url) };
  throw refusal(caller, request, response);
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
  const parsed = v.safeParse(schema, withJsonNames(schema, body ?? {}));
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw notBigeye(
    `${caller.url}${request.path}`,
    `${v.getDotPath(issue) ?? "the body"}: ${issue.message}`,
  );
}

/** Whether a call failed because Bigeye does not have the thing or the call. */
export const isNotFound = (error: unknown): boolean =>
  error instanceof Problem && error.status === 404;

interface RawAnswer {
  readonly status: number;
  readonly location: string | null;
  /** Seconds; `undefined` without a header that says so. */
  readonly retryAfter: number | undefined;
  readonly text: string;
}

async function sendPatiently(caller: Caller, request: Call): Promise<RawAnswer> {
  const { clock, onWait } = caller;
  for (let left = MOST_PATIENCE_SECONDS;;) {
    const response = await send(caller, request);
    const { status, retryAfter } = response;
    if (status !== 429 || retryAfter === undefined || retryAfter > left) return response;
    onWait?.(retryAfter);
    await clock.sleep(retryAfter * 1_000, request.signal);
    left -= Math.max(1, retryAfter);
  }
}

/** The delay form; a date (RFC 9110, 10.2.3) is not waited for. */
function delayIn(header: string | null): number | undefined {
  return header !== null && /^\d{1,9}$/.test(header) ? Number(header) : undefined;
}

async function send(
  caller: Caller,
  { method, path, body, headers: more, signal }: Call,
): Promise<RawAnswer> {
  const { url, key, workspaceId, clock } = caller;
  const headers = {
    ...more,
    authorization: `apikey ${key.reveal()}`,
    accept: "application/json",
    "content-type": "application/json",
    ...(workspaceId !== undefined && { "x-bigeye-workspace-id": String(workspaceId) }),
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
      return {
        status: response.status,
        location: response.headers.get("location"),
        retryAfter: delayIn(response.headers.get("retry-after")),
        text: await response.text(),
      };
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
  { doing, refusals = {} }: Call,
  { status, text }: RawAnswer,
): Problem {
  if (status === 401) return keyRejected(keyName, url);
  const { code, message, details }: ErrorBody = errorIn(text) ?? {
    code: String(status),
    message: "without Bigeye's error body",
    error: "",
    details: [],
  };
  const known = Object.hasOwn(refusals, code) ? refusals[code] : undefined;
  if (known) return known(details.map(detailOf));
  const answer = [{ message: `${code}: ${message}` }, ...details.map(detailOf)];
  if (status === 403) return bigeyeDenied(doing, answer);
  if (status === 404) return bigeyeLacks(doing, answer);
  if (status === 429) return bigeyeBusy(doing, answer);
  if (status >= 500) return bigeyeFailed(doing, status, answer);
  return bigeyeRefused(doing, status, answer);
}

function errorIn(text: string): ErrorBody | undefined {
  try {
    return v.parse(ErrorBodySchema, JSON.parse(text));
  } catch {
    return undefined;
  }
}

const detailOf = ({ path, message }: ErrorBody["details"][number]): ProblemDetail =>
  path === undefined ? { message } : { path, message };
