/** Every response below `/api/` is JSON, because programs read it. */

import assert from "node:assert/strict";
import { draining } from "../../../control_plane/http/draining.ts";
import { servedPlane } from "../../harness/pages/served_plane.ts";
import { manualClock } from "../../fakes/system/clock.ts";
import { rawRequest } from "../../fakes/system/raw_http.ts";

const HOSTS = "/api/v1/agent-orchestrator/hosts";

/** Returns what a program reads: the status, the content type, the error code and `Allow`. */
function seen({ status, headers, body }: { status: number; headers: Headers; body: string }) {
  const code = body === "" ? "" : JSON.parse(body).code;
  return [status, headers.get("content-type"), code, headers.get("allow")];
}

const UNKNOWN = [404, "application/json", "route_unknown", null];

Deno.test("an unknown path below /api/ is 404 in JSON, in any spelling", async () => {
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
      // Also with a browser's Accept header, because a program may drive a browser.
      const lines = [`${method} ${target} HTTP/1.1`, `Host: ${host}`, "Accept: text/html"];
      const answer = await rawRequest(plane.url, lines);
      assert.deepEqual([method, target, ...seen(answer)], [method, target, ...UNKNOWN]);
    }
    const head = await rawRequest(plane.url, [`HEAD ${target} HTTP/1.1`, `Host: ${host}`]);
    assert.deepEqual([target, ...seen(head)], [target, 404, "application/json", "", null]);
  }
});

Deno.test("an unknown method of a known path is 405 in JSON and lists the allowed methods", async () => {
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

Deno.test("an unknown path that only resembles /api/ is a page", async () => {
  await using plane = await servedPlane();
  for (const path of ["/apis", "/api-keys", "/settings/api/", "/%2561pi/"]) {
    const answer = await fetch(`${plane.url}${path}`);
    assert.match(await answer.text(), /^<!DOCTYPE html>/);
    assert.deepEqual([path, answer.status], [path, 404]);
  }
});

Deno.test("while the control plane stops, /api/ is 503 in JSON with any Accept header", async () => {
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

// Attacker: sends a Host header that would change the URL of the request, or make it invalid.
Deno.test("an invalid Host header is 400 in JSON", async () => {
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

// Attacker: sends URLs as long as the server allows, which would be parsed and sent back.
Deno.test("a URL of more than 8 KiB is 414, and the response does not repeat it", async () => {
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
