/** What can be wrong with the body of a REST call, before its fields are looked at. */

import { Problem } from "./problem.ts";

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
    message: `Cannot read the body: it is larger than ${limitBytes} bytes`,
    hint: "Send a smaller body",
    exit: "usage",
    status: 413,
  });
}

export function bodyTooSlow(limitMs: number): Problem {
  return new Problem({
    code: "body_too_slow",
    message: `Cannot read the body: it did not arrive within ${limitMs / 1000} s`,
    hint: "Send it again, all at once",
    exit: "usage",
    status: 408,
    retryable: true,
  });
}

/** The connection broke, or what it brought is not framed as HTTP/1.1 says. */
export function bodyCutOff(cause: unknown): Problem {
  return new Problem({
    code: "body_cut_off",
    message: "Cannot read the body: the connection brought no more of it",
    hint: "Check Content-Length or the chunks of the body, and send it again",
    exit: "usage",
    cause,
  });
}

/** `position` counts from 0, in UTF-16 code units; line and column count from 1. */
export function bodyMalformed(
  at: { readonly position: number; readonly line: number; readonly column: number },
): Problem {
  return new Problem({
    code: "json_malformed",
    message: `Cannot read the body: it stops being JSON at line ${at.line}, column ${at.column}`,
    hint: "Correct the JSON there and send it again",
    exit: "usage",
    details: [{ message: `position ${at.position}` }],
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
