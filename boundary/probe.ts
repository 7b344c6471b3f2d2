/** Asks the running proxy for what it must allow and what it must refuse; a file alone proves no process. */

import type { Fetch } from "../lib/ports.ts";
import { reasonOf } from "../lib/problems/problem.ts";
import type { Difference } from "./difference.ts";

/** A container that nobody has, so that a probe that is wrongly let through changes nothing. */
const NOBODY = "bigeye-boundary-probe";

const OPEN = ["GET /version", "GET /info", "GET /containers/json?limit=1"];

/** All harmless should they be let through: they read, or name a container that is not there. */
const SHUT = [
  "GET /_ping",
  "HEAD /_ping",
  "GET /networks",
  "GET /volumes",
  // With an end, or a proxy that lets it through would never stop answering.
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
  `POST /commit?container=${NOBODY}`,
  `GET /exec/${NOBODY}/json`,
  `POST /exec/${NOBODY}/start`,
  `POST /containers/${NOBODY}/exec`,
  `POST /containers/${NOBODY}/attach`,
  `POST /containers/${NOBODY}/update`,
  `POST /containers/${NOBODY}/rename`,
  `GET /containers/${NOBODY}/attach/ws`,
  `GET /containers/${NOBODY}/archive?path=/`,
  `PUT /containers/${NOBODY}/archive?path=/`,
  `GET /containers/${NOBODY}/export`,
  `GET /containers/${NOBODY}/top`,
  `GET /containers/${NOBODY}/stats?stream=false`,
  `POST /images/${NOBODY}/push`,
  `DELETE /images/${NOBODY}`,
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
 * Every probe whose answer is not the pinned one. A 403 counts only without an `Api-Version` header: with it, the
 * engine answered, and the proxy had let the request through.
 */
export async function probeProxy(
  needs: ProbeNeeds,
  target: ProbeTarget,
): Promise<readonly Difference[]> {
  const answers = await Promise.all([
    ...OPEN.map((probe) => ask(probe, { expected: "200 of the engine", needs, target })),
    ...SHUT.map((probe) => ask(probe, { expected: "403 of the proxy", needs, target })),
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

/** How many requests one round of probes makes. */
export const PROBES = OPEN.length + SHUT.length;
