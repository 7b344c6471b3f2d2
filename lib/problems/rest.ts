/** Problems of a REST call itself: its key, its address, its headers, its body. */

import { Problem, type ProblemDetail, reasonOf } from "./problem.ts";

export function keyMissing(): Problem {
  return new Problem({
    code: "unauthenticated",
    message: "Cannot tell who is calling: the request has no API key",
    hint: `Send the header "Authorization: apikey <key>"`,
    exit: "denied",
    status: 401,
  });
}

export function keyUnknown(): Problem {
  return new Problem({
    code: "unauthenticated",
    message: "Cannot accept the API key: it is unknown, revoked, or of another kind",
    hint: `Send the header "Authorization: apikey <key>" with a key that this account issued`,
    exit: "denied",
    status: 401,
  });
}

export function rateLimited(waitSeconds: number, perSecond: number): Problem {
  return new Problem({
    code: "rate_limited",
    message: "Cannot answer: this API key has sent too many requests",
    hint: `Wait ${waitSeconds} s, then send at most ${perSecond} requests a second with it`,
    exit: "failed",
    status: 429,
    retryable: true,
  });
}

/** The message does not mention the key that was sent, which may not have been checked. */
export function tooManyWrongKeys(waitSeconds: number): Problem {
  return new Problem({
    code: "too_many_wrong_keys",
    message: "Cannot accept any key now: too many wrong API keys came from this network",
    hint: `Correct the program that sends the wrong keys, and wait ${waitSeconds} s`,
    exit: "denied",
    status: 429,
    retryable: true,
  });
}

export function adminKeyRequired(action: string): Problem {
  return new Problem({
    code: "admin_key_required",
    message: `Cannot ${action}: it requires the Personal API Key of an admin`,
    hint: "Send an admin's Personal API Key, or ask an admin of the account to do it",
    exit: "denied",
  });
}

export function keyKindRefused(action: string, wanted: string): Problem {
  return new Problem({
    code: "key_kind_refused",
    message: `Cannot ${action} with this kind of API key`,
    hint: `Send ${wanted}`,
    exit: "denied",
  });
}

export function routeUnknown(path: string): Problem {
  return new Problem({
    code: "route_unknown",
    message: `Cannot find "${path}": there is no such address`,
    hint: "Open /api/v1/openapi.json for the list of addresses",
    exit: "usage",
    status: 404,
  });
}

export function addressTooLong(most: number): Problem {
  return new Problem({
    code: "address_too_long",
    message: `Cannot read the address: it is longer than ${most / 1024} KiB`,
    hint: "Shorten it",
    exit: "usage",
    status: 414,
  });
}

export function methodRefused(method: string, allowed: readonly string[]): Problem {
  return new Problem({
    code: "method_not_allowed",
    message: `Cannot ${method} this address: it accepts ${allowed.join(", ")}`,
    hint: "Open /api/v1/openapi.json for the methods of each address",
    exit: "usage",
    status: 405,
  });
}

export function hostHeaderMalformed(): Problem {
  return new Problem({
    code: "host_header_malformed",
    message: "Cannot tell which address is meant: the Host header is not a host and port",
    hint: 'Send it as in "Host: plane.example.com:8080"',
    exit: "usage",
  });
}

export function inputInvalid(details: readonly ProblemDetail[]): Problem {
  const first = details[0];
  const where = first?.path ? `"${first.path}" ${first.message}` : first?.message;
  return new Problem({
    code: "invalid_input",
    message: `Cannot accept the request: ${where ?? "it does not have the documented form"}`,
    hint: "Correct what the details name and send it again",
    exit: "usage",
    status: 422,
    details,
  });
}

export function notFound(what: "host" | "job" | "run" | "user" | "API key", id: string): Problem {
  return new Problem({
    code: `${what} not found`.toLowerCase().replaceAll(" ", "_"),
    message: `Cannot find ${what} "${id}"`,
    hint: "Compare the id with the list that GET on the parent address returns",
    exit: "usage",
    status: 404,
  });
}

/** A bug; the log has its stack trace under `incident`. */
export function unexpected(incident: string, cause: unknown): Problem {
  return new Problem({
    code: "internal",
    message: "Cannot answer: the control plane had an unexpected error",
    hint: `Search the control plane's log for incident "${incident}" and report it`,
    exit: "failed",
    retryable: true,
    cause,
  });
}

export function bodyNotJson(contentType: string | undefined): Problem {
  return new Problem({
    code: "unsupported_media_type",
    message: `Cannot read a body of type "${contentType ?? "none"}"`,
    hint: `Send JSON with the header "Content-Type: application/json"`,
    exit: "usage",
    status: 415,
  });
}

export function bodyTooLarge(limitBytes: number): Problem {
  return new Problem({
    code: "body_too_large",
    message: `Cannot accept the request: its body is larger than ${limitBytes / 1024} KiB`,
    hint: "Send a smaller body",
    exit: "usage",
    status: 413,
  });
}

export function bodyTooSlow(limitMs: number): Problem {
  return new Problem({
    code: "body_too_slow",
    message: `Cannot accept the request: its body did not arrive within ${limitMs / 1000} s`,
    hint: "Send it again without pauses",
    exit: "usage",
    status: 408,
    retryable: true,
  });
}

/** The connection broke, or the body is not framed as HTTP/1.1 requires. */
export function bodyCutOff(cause: unknown): Problem {
  return new Problem({
    code: "body_cut_off",
    message: "Cannot read the body: the connection ended before its end",
    hint: "Check Content-Length or the chunks of the body, and send it again",
    exit: "usage",
    cause,
  });
}

/** `cause` is the parser's error, which names the token and quotes what is around it. */
export function bodyMalformed(cause: unknown): Problem {
  return new Problem({
    code: "json_malformed",
    message: `Cannot read the body as JSON: ${reasonOf(cause).replaceAll(/\s+/g, " ")}`,
    hint: "Correct the JSON there and send it again",
    exit: "usage",
    cause,
  });
}

export function bodyNotText(): Problem {
  return new Problem({
    code: "json_malformed",
    message: "Cannot read the body: its bytes are not UTF-8",
    hint: "Send JSON that is encoded in UTF-8",
    exit: "usage",
  });
}
