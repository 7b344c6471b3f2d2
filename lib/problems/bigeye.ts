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

/** The Personal API Key is valid, and Bigeye does not let it do what only admins may. */
export function keyNotAdmin(): Problem {
  return new Problem({
    code: "admin_key_required",
    message: "Cannot register a host with this Personal API Key: it is not an admin's",
    hint: "Run the same command with the Personal API Key of an admin",
    exit: "denied",
  });
}

/** Bigeye's own code and message first, then its details. */
type Answer = readonly ProblemDetail[];

/** 403: the key is valid and does not allow this. */
export function bigeyeDenied(doing: string, details: Answer): Problem {
  return new Problem({
    code: "bigeye_denied",
    message: `Cannot ${doing}: Bigeye does not allow it with this key`,
    hint: "Run the same command with an admin's key, as in --personal-key-file admin.key",
    exit: "denied",
    status: 403,
    details,
  });
}

/** 404: the thing is gone, or this Bigeye does not have the call. */
export function bigeyeLacks(doing: string, details: Answer): Problem {
  return new Problem({
    code: "bigeye_not_found",
    message: `Cannot ${doing}: Bigeye did not find it`,
    hint: "Check bigeye.url and bigeye.workspace_id in bigeye_agent.yml, and what the answer " +
      "above names",
    exit: "failed",
    status: 404,
    details,
  });
}

/** 429, and Bigeye asks for more patience than a command has. */
export function bigeyeBusy(doing: string, details: Answer): Problem {
  return new Problem({
    code: "bigeye_busy",
    message: `Cannot ${doing}: Bigeye has had too many requests`,
    hint: "Run the same command again in a few minutes",
    exit: "failed",
    status: 429,
    retryable: true,
    details,
  });
}

/** A status from 500: the fault is on Bigeye's side. */
export function bigeyeFailed(doing: string, status: number, details: Answer): Problem {
  return new Problem({
    code: "bigeye_failed",
    message: `Cannot ${doing}: Bigeye failed with ${status}`,
    hint: "Run the same command again; if it fails again, ask whoever runs Bigeye",
    exit: "failed",
    status,
    retryable: true,
    details,
  });
}

/** Any other refusal. */
export function bigeyeRefused(doing: string, status: number, details: Answer): Problem {
  return new Problem({
    code: "bigeye_refused",
    message: `Cannot ${doing}: Bigeye answered ${status}`,
    hint: "Correct what the answer above names, and run the same command again",
    exit: status === 409 ? "conflict" : "failed",
    status,
    details,
  });
}
