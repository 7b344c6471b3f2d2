/** Problems of the Docker boundary: the service refuses to start when it is not the pinned one. */

import { Problem, type ProblemDetail } from "./problem.ts";

/** One difference from the pinned boundary. `expected` and `found` are JSON, or words if there is no value. */
export interface Difference {
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

/** A file in the folder of the compose file could change how Compose reads it. */
export function boundarySteered(folder: string, changes: readonly Difference[]): Problem {
  return new Problem({
    code: "boundary_changed",
    message: `Cannot start: files in "${folder}" could change the security boundary`,
    hint: "Move the files, or the lines of .env, that are named above to another folder, " +
      "and run the same command again",
    exit: "boundary",
    details: shown(changes),
  });
}

/** The compose file was changed. */
export function boundaryChanged(file: string, changes: readonly Difference[]): Problem {
  return new Problem({
    code: "boundary_changed",
    message: `Cannot start: the security boundary in "${file}" was changed`,
    hint: 'Type "bigeye-agent register" to write the file again, then "bigeye-agent compose up"',
    exit: "boundary",
    details: shown(changes),
  });
}

/** The running proxy allows a request that it must refuse, or refuses one that it must allow. */
export function proxyLeaks(url: string, changes: readonly Difference[]): Problem {
  return new Problem({
    code: "boundary_leaks",
    message: `Cannot start: the socket proxy at "${url}" does not keep the pinned boundary`,
    hint: 'Type "bigeye-agent compose upgrade" to recreate the proxy from the compose file',
    exit: "boundary",
    details: shown(changes),
  });
}

/** The proxy's container was not made from the compose file alone. */
export function proxyReplaced(changes: readonly Difference[]): Problem {
  return new Problem({
    code: "proxy_replaced",
    message: "Cannot start: the running socket proxy is not the one in the compose file",
    hint: 'Type "bigeye-agent compose up" to recreate it from that file alone',
    exit: "boundary",
    details: shown(changes),
  });
}

/** The compose file is missing, so the proxy cannot be checked. */
export function boundaryMissing(file: string): Problem {
  return new Problem({
    code: "boundary_missing",
    message: `Cannot start: the file "${file}", which defines the security boundary, is missing`,
    hint: 'Type "bigeye-agent register" to write it',
    exit: "boundary",
  });
}

/** The proxy was started with variables that are not the pinned ones; `changes` has one line for each. */
export function proxyFlagsChanged(changes: readonly string[]): Problem {
  return new Problem({
    code: "proxy_flags_changed",
    message: "Cannot start the socket proxy: its environment variables are not the pinned ones",
    hint:
      'Type "bigeye-agent register" to write the compose file again, then "bigeye-agent compose up"',
    exit: "boundary",
    details: changes.map((message): ProblemDetail => ({ message })),
  });
}

/** The proxy does not answer. */
export function proxySilent(url: string, cause?: unknown): Problem {
  return new Problem({
    code: "proxy_silent",
    message: `Cannot reach the Docker Engine through the socket proxy at "${url}"`,
    hint: 'Read its log with "bigeye-agent compose logs -s docker-socket-proxy"',
    exit: "prerequisite",
    status: 503,
    retryable: true,
    cause,
  });
}

function shown(changes: readonly Difference[]): readonly ProblemDetail[] {
  return changes.flatMap(({ path, expected, found }) => [
    { path, message: `- expected ${expected}` },
    { path, message: `+ found ${found}` },
  ]);
}
