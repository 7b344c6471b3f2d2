/** Whatever is asked for below `/api/` is answered as JSON, as a program reads it. */

import assert from "node:assert/strict";
import { draining } from "../../../control_plane/http/draining.ts";
import { servedPlane } from "../../harness/pages/served_plane.ts";
import { manualClock } from "../../fakes/system/clock.ts";
import { rawRequest } from "../../fakes/system/raw_http.ts";

const HOSTS = "/api/v1/agent-orchestrator/hosts";

/** What a program needs of an answer: the status, that it is JSON, the code in it, and `Allow`. */
function seen({ status, headers, body }: { status: number; headers: Headers; body: string }) {
  const code = body === "" ? "" : JSON.parse(body).code;
  return [status, headers.get("content-type"), code, headers.get("allow")];
}

const UNKNOWN = [404, "application/json", "route_unknown", null];

Deno.test("an unknown address below /api/ is a 404 in JSON, however it is written", async () => {
  await using plane = await servedPlane();
  const targets = [
    "/api",
    "/api/",
    "/api?x=/",
    "/api/v1",
    "/api/v1/",
    "/api/v1/nothing",
    "/api/v2/agent-orchestrator/hosts",
    "/api/v1/%zz",
    "/api/%",
    "/api/%00",
    "/api/v1/\u00e9",
    "/api/v1/%E2%28%A1",
    "/%61pi/v2/hosts",
    "/api%2Fv1%2Fhosts",
    "/api%2fv2",
    "/api%5Cv1",
    "/api\\v1",
    `/${HOSTS}`,
    `//${HOSTS}`,
    "/API/v1/hosts",
    "/Api",
    "/./api/v2",
    "/settings/../api/v2",
    "/settings/%2e%2E/api/v2",
    `${HOSTS}/`,
    "http://elsewhere.test/api/v2",
  ];
  const { host } = new URL(plane.url);
  for (const target of targets) {
    for (const method of ["GET", "POST", "OPTIONS", "DELETE", "TRACE", "BREW", "get"]) {
      // A person's browser, too, as it may be one that a program drives.
      const lines = [`${method} ${target} HTTP/1.1`, `Host: ${host}`, "Accept: text/html"];
      const answer = await rawRequest(plane.url, lines);
      assert.deepEqual([method, target, ...seen(answer)], [method, target, ...UNKNOWN]);
    }
    const head = await rawRequest(plane.url, [`HEAD ${target} HTTP/1.1`, `Host: ${host}`]);
    assert.deepEqual([target, ...seen(head)], [target, 404, "application/json", "", null]);
  }
});

Deno.test("a known address refuses an unknown method with 405 in JSON, and names what it takes", async () => {
  await using plane = await servedPlane();
  const { host } = new URL(plane.url);
  for (const method of ["OPTIONS", "POST", "TRACE", "BREW", "get"]) {
    const answer = await rawRequest(plane.url, [`${method} ${HOSTS} HTTP/1.1`, `Host: ${host}`]);
    assert.deepEqual([method, ...seen(answer)], [
      method,
      405,
      "application/json",
      "method_not_allowed",
      "GET",
    ]);
  }
  const head = await rawRequest(plane.url, [
    `HEAD ${HOSTS.replace("hosts", "register")} HTTP/1.1`,
    `Host: ${host}`,
  ]);
  assert.deepEqual(seen(head), [405, "application/json", "", "POST"]);
});

Deno.test("what only looks like /api/ is a page", async () => {
  await using plane = await servedPlane();
  for (const path of ["/apis", "/api-keys", "/settings/api/", "/%2561pi/"]) {
    const answer = await fetch(`${plane.url}${path}`);
    assert.match(await answer.text(), /^<!DOCTYPE html>/);
    assert.deepEqual([path, answer.status], [path, 404]);
  }
});

Deno.test("a control plane that stops tells programs so in JSON, whatever they accept", async () => {
  const clock = manualClock();
  const api = draining(() => Promise.resolve(new Response()), clock);
  const drain = api.drain();
  for (const path of ["/api", "/api/v1/openapi.json", "/healthz"]) {
    const headers = { accept: "text/html,*/*" };
    const answer = await api.fetch(new Request(`http://plane.test${path}`, { headers }), "::1");
    assert.deepEqual([answer.status, (await answer.json()).code], [503, "stopping"]);
  }
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  clock.advance(50);
  await drain;
});

// A stranger sends a Host header that makes another address of the request, or none at all.
Deno.test("a Host header that names no host is a 400 in JSON", async () => {
  await using plane = await servedPlane();
  const hosts = ["", "a b", "[::1", "a%zz", "x/api/v1", "x?y", "x#y", "x\\y", "user@x", "x:99999"];
  for (const host of hosts) {
    for (const path of ["/sign-in", HOSTS, "/healthz"]) {
      const answer = await rawRequest(plane.url, [`GET ${path} HTTP/1.1`, `Host: ${host}`]);
      assert.deepEqual([host, path, ...seen(answer)], [
        host,
        path,
        400,
        "application/json",
        "host_header_malformed",
        null,
      ]);
    }
  }
  const old = await rawRequest(plane.url, ["GET /healthz HTTP/1.0"]);
  assert.equal(old.status, 200);
});

// A stranger sends addresses as long as the server lets them be, to be taken apart and sent back.
Deno.test("an address of more than 8 KiB is a 414, neither read nor repeated", async () => {
  await using plane = await servedPlane();
  const { host } = new URL(plane.url);
  const long = "a&".repeat(32_000);
  for (const target of ["/sign-in?", "/settings/agents/jobs?", "/", "/api/v1/", `${HOSTS}?`]) {
    const lines = [`GET ${target}${long} HTTP/1.1`, `Host: ${host}`];
    const answer = await rawRequest(plane.url, lines);
    const seenBy = seen(answer);
    assert.deepEqual([target, ...seenBy], [target, 414, "application/json", TOO_LONG, null]);
    const read = await rawRequest(plane.url, [...lines, "Accept: text/html"]);
    assert.deepEqual([target, read.status, read.body.length < 1_000], [target, 414, true]);
    const isApi = target.startsWith("/api/");
    assert.equal(read.headers.get("content-type"), isApi ? "application/json" : TEXT);
  }
  const short = await rawRequest(plane.url, [
    `GET /sign-in?next=${"a".repeat(8_000)} HTTP/1.1`,
    `Host: ${host}`,
  ]);
  assert.equal(short.status, 200);
});

const TOO_LONG = "address_too_long";
const TEXT = "text/plain; charset=utf-8";
