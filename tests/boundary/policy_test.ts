/** Which requests the policy allows, and by which rule it denies the others. */

import assert from "node:assert/strict";
import { changedFlags, decide, PROXY_FLAGS } from "../../boundary/policy.ts";

/** "GET /path" → "allowed: Endpoint", or the rule that denied it. */
function verdict(request: string): string {
  const space = request.indexOf(" ");
  const decision = decide({ method: request.slice(0, space), target: request.slice(space + 1) });
  return decision.allowed ? `allowed: ${decision.endpoint.name}` : decision.rule;
}

function assertVerdicts(expected: Readonly<Record<string, string>>): void {
  const requests = Object.keys(expected);
  assert.deepEqual(Object.fromEntries(requests.map((one) => [one, verdict(one)])), expected);
}

const ID = "0123456789abcdef";

Deno.test("every request that a run needs is allowed, with and without an API version", () => {
  assertVerdicts({
    "GET /version": "allowed: SystemVersion",
    "GET /v1.41/info": "allowed: SystemInfo",
    "GET /v1.41/images/bigeyedata/agent-lineage:1.2/json": "allowed: ImageInspect",
    "GET /v1.41/images/registry.test:5000/a/b@sha256:0a/json": "allowed: ImageInspect",
    "POST /v1.41/images/create?fromImage=bigeyedata%2Fagent&tag=1.2": "allowed: ImageCreate",
    "GET /v1.41/containers/json?all=1&filters=%7B%7D": "allowed: ContainerList",
    "POST /v1.9/containers/create?name=bigeye-run-1": "allowed: ContainerCreate",
    [`GET /v1.41/containers/${ID}/json`]: "allowed: ContainerInspect",
    [`GET /v1.41/containers/${ID}/logs?follow=1&stdout=1&since=0`]: "allowed: ContainerLogs",
    [`POST /v1.41/containers/${ID}/start`]: "allowed: ContainerStart",
    [`POST /v1.41/containers/${ID}/stop?t=10`]: "allowed: ContainerStop",
    [`POST /v1.41/containers/${ID}/kill?signal=SIGTERM`]: "allowed: ContainerKill",
    [`POST /v1.41/containers/${ID}/wait?condition=not-running`]: "allowed: ContainerWait",
    [`DELETE /v1.41/containers/${ID}?force=1&v=1`]: "allowed: ContainerDelete",
  });
});

Deno.test("a closed section is closed to every request", () => {
  // Attacker: in the orchestrator, tries every section that would let it out: exec, networks, builds.
  const closed = Object.entries(PROXY_FLAGS).filter(([, value]) => value === "0")
    .map(([flag]) => flag === "PING" ? "_ping" : flag.toLowerCase());
  assert.equal(closed.length, 19);
  for (const section of closed) {
    for (const path of [`/${section}`, `/v1.41/${section}`, `/${section}/x`, `/${section}?a=b`]) {
      assert.equal(verdict(`GET ${path}`), "section", path);
      assert.equal(verdict(`POST ${path}`), "section", path);
    }
  }
});

Deno.test("only the listed endpoints of an open section are open", () => {
  // Attacker: in the orchestrator, stays in the open sections and asks for another container's files, standard
  // input and secrets, for a foreign image, or for the removal of every container.
  assertVerdicts({
    [`POST /containers/${ID}/exec`]: "endpoint",
    [`POST /containers/${ID}/attach?stream=1`]: "endpoint",
    [`GET /containers/${ID}/attach/ws`]: "endpoint",
    [`GET /containers/${ID}/archive?path=/`]: "endpoint",
    [`GET /containers/${ID}/export`]: "endpoint",
    [`GET /containers/${ID}/top`]: "endpoint",
    [`GET /containers/${ID}/stats`]: "endpoint",
    [`POST /containers/${ID}/update`]: "endpoint",
    [`POST /containers/${ID}/rename?name=x`]: "endpoint",
    [`POST /containers/${ID}/restart`]: "endpoint",
    "POST /containers/prune": "endpoint",
    "POST /images/prune": "endpoint",
    "POST /images/load": "endpoint",
    "POST /images/a/push": "endpoint",
    "POST /images/a/tag?repo=b": "endpoint",
    "GET /images/get?names=a": "endpoint",
    "GET /images/search?term=a": "endpoint",
    "DELETE /images/a": "endpoint",
    "HEAD /version": "endpoint",
    "POST /version": "endpoint",
    "DELETE /containers/create": "allowed: ContainerDelete",
  });
});

Deno.test("a parameter that an endpoint does not list is denied", () => {
  // Attacker: in the orchestrator, makes the engine fetch an internal URL, or import an image.
  assertVerdicts({
    "POST /images/create?fromSrc=http://169.254.169.254/": "query",
    "POST /images/create?fromImage=a&fromSrc=-": "query",
    "POST /images/create?fromImage=a;fromSrc=-": "query",
    "POST /images/create?fromImage=a&%66romSrc=-": "query",
    "POST /images/create?fromImage=a&FromSrc=-": "query",
    "POST /containers/create?name=a&x": "query",
    "GET /version?x": "query",
  });
});

Deno.test("a method is open only in its exact spelling", () => {
  // Attacker: in the orchestrator, looks for a method that the policy forgot.
  for (const method of ["PUT", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get", "Post", "", "GE T"]) {
    assert.equal(decideRule(method, "/containers/json"), "method", method);
  }
});

function decideRule(method: string, target: string): string {
  const decision = decide({ method, target });
  return decision.allowed ? "allowed" : decision.rule;
}

Deno.test("a path that can be read in two ways is denied", () => {
  // Attacker: in the orchestrator, hides a closed section behind an open one, so that the engine resolves what
  // the proxy did not.
  const tricks = [
    "/containers/../networks",
    "/containers/..",
    "/containers/./json",
    "/containers/%2e%2e/networks",
    "/containers%2f..%2fnetworks",
    "/%6eetworks",
    "/containers/x%00/json",
    "/containers/x\0/json",
    "/containers\\..\\networks",
    "//networks",
    "/containers//json",
    "/containers/json/",
    "http://engine/containers/json",
    "containers/json",
    "*",
    "",
    "/",
    "/containers/json#x",
    "/containers/json ",
    "/containers/json\r\nX: y",
    "/containers/é/json",
    `/containers/${"a".repeat(5_000)}/json`,
  ];
  for (const target of tricks) assert.equal(decideRule("GET", target), "path", target);
});

Deno.test("a section is matched whole and in lower case only", () => {
  // Attacker: in the orchestrator, tries spellings that a prefix match or a case-insensitive match would accept.
  for (
    const target of [
      "/containersx",
      "/containersx/json",
      "/Containers/json",
      "/VERSION",
      "/v1.41",
      "/v2.0/containers/json",
      "/v1/containers/json",
      "/v1.41.1/containers/json",
      "/v1.411/containers/json",
      "/v1.41/v1.41/containers/json",
      "/constructor",
      "/__proto__",
      "/POST",
      "/post",
    ]
  ) assert.equal(decideRule("GET", target), "section", target);
});

Deno.test("a denial names the flag that closes the section, and has no control character", () => {
  assert.deepEqual(decide({ method: "GET", target: "/v1.41/networks" }), {
    allowed: false,
    rule: "section",
    reason: '"/networks" is closed (NETWORKS=0)',
  });
  assert.deepEqual(decide({ method: "G\nT", target: "/info" }), {
    allowed: false,
    rule: "method",
    reason: 'method "G?T" is closed',
  });
});

Deno.test("an allowed request has only one reading, also with any pieces inserted", () => {
  // Attacker: in the orchestrator, tries 30,000 allowed requests with up to three pieces inserted.
  const good = [
    "/version",
    "/v1.41/containers/json?all=1",
    "/v1.41/containers/abc/json",
    "/containers/abc/start",
    "/v1.41/images/create?fromImage=a&tag=b",
    "/v1.41/images/a/b:c/json",
  ];
  const pieces = (
    "/ // . .. /../ networks exec attach create v1.41 %2e %2F %00 \\ ? & ; = # : @ fromSrc fromSrc=- \0 A é _ping ~ +"
  ).split(" ");
  const random = seeded(0x5eed);
  let allowed = 0;
  for (let round = 0; round < 30_000; round++) {
    const target = withInsertions(pick(good, random), { pieces, random });
    const method = pick(["GET", "GET", "POST", "POST", "DELETE", "HEAD", "PUT", "get"], random);
    if (!decide({ method, target }).allowed) continue;
    allowed++;
    const url = new URL(`http://engine${target}`);
    assert.equal(decodeURIComponent(url.pathname) + url.search, target);
    assert.match(`${method} ${url.pathname}`, READ_BY_THE_ENGINE);
    assert.equal(url.searchParams.has("fromSrc"), false, target);
  }
  assert.ok(allowed > 1_000, `${allowed} reached an endpoint`);
});

/** A second description of the open endpoints, as the engine's router reads paths. */
const READ_BY_THE_ENGINE = new RegExp(
  "^(GET (/v1[.][0-9]+)?(/version|/info|/containers/([^/]+/)?(json|logs)|/images/.+/json)" +
    "|POST (/v1[.][0-9]+)?(/images/create|/containers/create|/containers/[^/]+/(start|stop|kill|wait))" +
    "|DELETE (/v1[.][0-9]+)?/containers/[^/]+)$",
);

function withInsertions(
  target: string,
  { pieces, random }: { pieces: readonly string[]; random: () => number },
): string {
  const times = Math.floor(random() * 4);
  for (let time = 0; time < times; time++) {
    const at = Math.floor(random() * (target.length + 1));
    target = target.slice(0, at) + pick(pieces, random) + target.slice(at);
  }
  return target;
}

const pick = <T>(values: readonly T[], random: () => number): T =>
  values[Math.floor(random() * values.length)] as T;

/** A random generator with a seed (mulberry32), so that a failure can be reproduced. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

Deno.test("the flags in an environment must be exactly the pinned ones", () => {
  // Attacker: starts the proxy with a flag that other programs read as "on", or without one.
  assert.deepEqual(
    changedFlags((name) => Object.entries(PROXY_FLAGS).find(([n]) => n === name)?.[1]),
    [],
  );
  const read = (name: string) =>
    ({ ...PROXY_FLAGS, EXEC: "true", PING: undefined })[name as keyof typeof PROXY_FLAGS];
  assert.deepEqual(changedFlags(read), [
    'EXEC: "0" expected, "true" found',
    'PING: "0" expected, nothing found',
  ]);
});
