import assert from "node:assert/strict";
import { changedFlags, decide, PROXY_FLAGS } from "../../boundary/policy.ts";

/** "GET /path" → "allowed: Endpoint" or the rule that refused. */
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

Deno.test("everything that a run needs is allowed, with and without an API version", () => {
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

Deno.test("a section that is closed is closed to every request", () => {
  // An attacker in the orchestrator asks for everything that would get it out: exec, networks, builds.
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

Deno.test("inside an open section only the listed endpoints are open", () => {
  // An attacker in the orchestrator stays inside the allow set and asks it for another container's files,
  // standard input and secrets, for a foreign image, or for the end of every container.
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

Deno.test("a parameter that an endpoint does not list is refused", () => {
  // An attacker in the orchestrator makes the engine fetch an internal address, or import an image of its own.
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

Deno.test("a method is open only where the gate opens it, in its exact spelling", () => {
  // An attacker in the orchestrator looks for a method that the gate forgot.
  for (const method of ["PUT", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get", "Post", "", "GE T"]) {
    assert.equal(decideRule(method, "/containers/json"), "method", method);
  }
});

function decideRule(method: string, target: string): string {
  const decision = decide({ method, target });
  return decision.allowed ? "allowed" : decision.rule;
}

Deno.test("a path that two readers could take in two ways is refused", () => {
  // An attacker in the orchestrator hides a closed section behind an open one, hoping that the engine resolves
  // what the proxy did not.
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

Deno.test("a section is matched whole and in lower case", () => {
  // An attacker in the orchestrator tries the spellings that a prefix or a folding match would take.
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

Deno.test("a denial says which flag closes the section and never carries a control character", () => {
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

Deno.test("however a good request is bent, what is allowed reads the same to every reader", () => {
  // An attacker in the orchestrator tries 30,000 allowed requests with up to three foreign pieces put in.
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
    const target = bent(pick(good, random), { pieces, random });
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

/** Its own description of the open endpoints, as the engine's router would read a path. */
const READ_BY_THE_ENGINE = new RegExp(
  "^(GET (/v1[.][0-9]+)?(/version|/info|/containers/([^/]+/)?(json|logs)|/images/.+/json)" +
    "|POST (/v1[.][0-9]+)?(/images/create|/containers/create|/containers/[^/]+/(start|stop|kill|wait))" +
    "|DELETE (/v1[.][0-9]+)?/containers/[^/]+)$",
);

function bent(
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

/** Mulberry32: the same numbers at every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

Deno.test("the flags in an environment must be the pinned ones, by the letter", () => {
  // Somebody starts the proxy with a flag that reads as "on" elsewhere, or leaves one out.
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
