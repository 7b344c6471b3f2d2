/** Sends requests to the running proxy that it must allow or refuse: the compose file alone proves nothing about it. */

import type { Fetch } from "../lib/ports.ts";
import type { Difference } from "../lib/problems/boundary.ts";
import { reasonOf } from "../lib/problems/problem.ts";

/** A container that does not exist, so that a probe that is wrongly allowed changes nothing. */
const ABSENT = "bigeye-boundary-probe";

const ALLOWED = ["GET /version", "GET /info", "GET /containers/json?limit=1"];

/** Harmless even if they are wrongly allowed: they only read, or name a container that does not exist. */
const REFUSED = [
  "GET /_ping",
  "HEAD /_ping",
  "GET /networks",
  "GET /volumes",
  // With `until`, because the answer of a proxy that allows it would never end otherwise.
  "GET /events?since=1&until=2",
  "GET /swarm",
  "GET /nodes",
  "GET /services",
  "GET /tasks",
  "GET /secrets",
  "GET /configs",
  "GET /plugins",
  "GET /system/df",
  "GET /images/json",
  "GET /images/search?term=bigeye&limit=0",
  "POST /auth",
  "POST /session",
  "POST /build?remote=",
  `POST /commit?container=${ABSENT}`,
  `GET /exec/${ABSENT}/json`,
  `POST /exec/${ABSENT}/start`,
  `POST /containers/${ABSENT}/exec`,
  `POST /containers/${ABSENT}/attach`,
  `POST /containers/${ABSENT}/update`,
  `POST /containers/${ABSENT}/rename`,
  `GET /containers/${ABSENT}/attach/ws`,
  `GET /containers/${ABSENT}/archive?path=/`,
  `PUT /containers/${ABSENT}/archive?path=/`,
  `GET /containers/${ABSENT}/export`,
  `GET /containers/${ABSENT}/top`,
  `GET /containers/${ABSENT}/stats?stream=false`,
  `POST /images/${ABSENT}/push`,
  `DELETE /images/${ABSENT}`,
  `OPTIONS /containers/json`,
  "GET //networks",
  "GET /%6eetworks",
  "GET /v1.41/containers%2f..%2fnetworks",
  "GET /containersx",
  "GET /CONTAINERS/json",
];

export interface ProbeNeeds {
  readonly fetch: Fetch;
}

export interface ProbeTarget {
  /** As in `http://docker-socket-proxy:2375`. */
  readonly url: string;
  readonly signal: AbortSignal;
}

/**
 * Resolves with the probes whose answer differs from the policy. A 403 with an `Api-Version` header is from
 * the engine: the proxy had allowed the request.
 *
 * @throws the signal's reason on abort.
 */
export async function probeProxy(
  needs: ProbeNeeds,
  target: ProbeTarget,
): Promise<readonly Difference[]> {
  const answers = await Promise.all([
    ...ALLOWED.map((probe) => ask(probe, { expected: "200 of the engine", needs, target })),
    ...REFUSED.map((probe) => ask(probe, { expected: "403 of the proxy", needs, target })),
  ]);
  target.signal.throwIfAborted();
  return answers.filter(({ expected, found }) => expected !== found);
}

async function ask(
  probe: string,
  { expected, needs, target }: { expected: string; needs: ProbeNeeds; target: ProbeTarget },
): Promise<Difference> {
  const [method = "", path = ""] = probe.split(" ");
  try {
    const response = await needs.fetch(
      new Request(`${target.url}${path}`, { method, redirect: "manual", signal: target.signal }),
    );
    await response.body?.cancel();
    const speaker = response.headers.has("api-version") ? "the engine" : "the proxy";
    return { path: probe, expected, found: `${response.status} of ${speaker}` };
  } catch (error) {
    return { path: probe, expected, found: `no answer: ${reasonOf(error)}` };
  }
}

/** The number of requests in one round of probes. */
export const PROBES = ALLOWED.length + REFUSED.length;
