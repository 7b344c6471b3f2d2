/** Problems of a call to Bigeye; `doing` is the call as an infinitive, as in `list the hosts`. */

import { Problem, type ProblemDetail } from "./problem.ts";

const NETWORK_HINT = "Check --bigeye-url, and --proxy and --ca-file where the network needs them, ";

/** There was no answer at all. */
export function bigeyeUnreachable(url: string, cause: unknown, reason: string): Problem {
  return new Problem({
    code: "bigeye_unreachable",
    message: `Cannot reach Bigeye at "${url}"`,
    hint: `${NETWORK_HINT}or try "curl -v ${url}"`,
    exit: "failed",
    status: 502,
    retryable: true,
    details: [{ message: reason }],
    cause,
  });
}

/** The host does not trust the server's certificate: there is an inspecting proxy, or a private authority. */
export function bigeyeUntrusted(url: string, cause: unknown, reason: string): Problem {
  return new Problem({
    code: "bigeye_untrusted",
    message: `Cannot trust the certificate that "${url}" shows`,
    hint: "Name the PEM file of the authority that issued it with --ca-file",
    exit: "failed",
    status: 502,
    details: [{ message: reason }],
    cause,
  });
}

/** The forward proxy refused the request. */
export function proxyRefused(url: string, reason: string): Problem {
  return new Problem({
    code: "proxy_refused",
    message: `Cannot reach Bigeye at "${url}": the proxy does not let the request through`,
    hint:
      "Give the proxy's address with user and password, as in --proxy http://user:password@host:3128",
    exit: "failed",
    status: 502,
    details: [{ message: reason }],
  });
}

/** The answer is not Bigeye's: the network shows a login page, or the address is another product's. */
export function notBigeye(url: string, reason: string): Problem {
  return new Problem({
    code: "not_bigeye",
    message: `Cannot understand the answer of "${url}": it does not look like Bigeye's`,
    hint:
      `Open "${url}" in a browser: it may be a login page of the network, or a wrong --bigeye-url`,
    exit: "failed",
    status: 502,
    details: [{ message: reason }],
  });
}

/** 401: the key is wrong, expired or of another kind. */
export function keyRejected(keyName: string, url: string): Problem {
  return new Problem({
    code: "key_rejected",
    message: `Cannot use the ${keyName}: "${url}" does not accept it`,
    hint: `Check the key and --bigeye-url, or create a new ${keyName} in Bigeye and use that`,
    exit: "denied",
    status: 401,
  });
}

/** The Personal API Key is valid, and its owner is not an admin. */
export function keyNotAdmin(userName: string): Problem {
  return new Problem({
    code: "admin_key_required",
    message:
      `Cannot register a host with the Personal API Key of "${userName}": it is not an admin's`,
    hint: "Run the same command with the Personal API Key of an admin",
    exit: "denied",
  });
}

/** 403: the key is valid and does not allow this. `answer` is Bigeye's own code and message. */
export function bigeyeDenied(doing: string, answer: string): Problem {
  return new Problem({
    code: "bigeye_denied",
    message: `Cannot ${doing}: Bigeye does not allow it with this key`,
    hint: "Run the same command with the key of an admin",
    exit: "denied",
    details: [{ message: answer }],
  });
}

/** Any other refusal, with Bigeye's own code and message. After 429 and 5xx a retry may succeed. */
export function bigeyeRefused(
  doing: string,
  { status, answer, details }: {
    readonly status: number;
    readonly answer: string;
    readonly details: readonly ProblemDetail[];
  },
): Problem {
  return new Problem({
    code: "bigeye_refused",
    message: `Cannot ${doing}: Bigeye answered ${status}`,
    hint: "Correct what the answer above names, and run the same command again",
    exit: status === 409 ? "conflict" : "failed",
    status,
    retryable: status >= 500 || status === 429,
    details: [{ message: answer }, ...details],
  });
}
