/** What the proxy forwards, refuses and logs. */

import assert from "node:assert/strict";
import { createProxy } from "../../boundary/proxy.ts";
import type { Fetch } from "../../lib/ports.ts";

type Line = Readonly<Record<string, unknown>>;

/** A proxy with this engine, its log as a list, and a clock that stands still. */
function proxyTo(engine: Fetch): { proxy: Fetch; lines: Line[] } {
  const lines: Line[] = [];
  const proxy = createProxy({
    engine,
    log: (level, message, fields) => lines.push({ level, message, ...fields }),
    clock: { monotonic: () => 0 },
  });
  return { proxy, lines };
}

/** An engine that answers with the request. */
const echo: Fetch = async (request) =>
  Response.json(
    {
      asked: `${request.method} ${request.url}`,
      headers: Object.fromEntries(request.headers),
      body: await request.text(),
    },
    { headers: { "Api-Version": "1.41", "Connection": "keep-alive", "Keep-Alive": "timeout=5" } },
  );

const never: Fetch = () => {
  throw new Error("the engine was asked");
};

const ask = (request: string, init: RequestInit = {}): Request => {
  const [method = "", path = ""] = request.split(" ");
  return new Request(`http://docker-socket-proxy:2375${path}`, { method, ...init });
};

async function refusalOf(request: Request): Promise<unknown> {
  const { proxy } = proxyTo(never);
  const response = await proxy(request);
  return {
    status: response.status,
    signed: response.headers.has("api-version"),
    ...await response.json(),
  };
}

const refused = (reason: string) => ({
  status: 403,
  signed: false,
  message: `Denied by the socket proxy: ${reason}`,
});

Deno.test("an allowed request reaches the engine as a new message with its body", async () => {
  const { proxy, lines } = proxyTo(echo);
  const response = await proxy(ask("POST /v1.41/containers/create?name=bigeye-run-1", {
    headers: {
      "content-type": "application/json; charset=utf-8",
      "x-registry-auth": "c2VjcmV0",
      "te": "trailers",
      "x-forwarded-for": "1.2.3.4",
    },
    body: '{"Image":"a"}',
  }));
  const text = await response.text();
  assert.deepEqual(JSON.parse(text), {
    asked: "POST http://engine/v1.41/containers/create?name=bigeye-run-1",
    headers: { "accept-encoding": "identity", "content-type": "application/json" },
    body: '{"Image":"a"}',
  });
  assert.deepEqual(Object.fromEntries(response.headers), {
    "api-version": "1.41",
    "cache-control": "no-transform",
    "content-type": "application/json",
  });
  assert.deepEqual(lines, [{
    level: "info",
    message: "docker request",
    method: "POST",
    path: "/v1.41/containers/create",
    allowed: true,
    endpoint: "ContainerCreate",
    status: 200,
    duration_ms: 0,
    bytes: text.length,
  }]);
});

Deno.test("a refused request never reaches the engine, and is logged without its query", async () => {
  // Attacker: in the orchestrator, asks for the host's networks, and writes into the log through the query.
  const { proxy, lines } = proxyTo(never);
  const response = await proxy(ask("GET /v1.41/networks?filters=secret"));
  const message = 'Denied by the socket proxy: "/networks" is closed (NETWORKS=0)';
  assert.equal(response.status, 403);
  assert.deepEqual(await response.json(), { message });
  assert.deepEqual(lines, [{
    level: "warn",
    message: "docker request",
    method: "GET",
    path: "/v1.41/networks",
    allowed: false,
    rule: "section",
    status: 403,
    duration_ms: 0,
    bytes: 78,
  }]);
});

Deno.test("a body is refused by an endpoint that takes none", async () => {
  // Attacker: in the orchestrator, sends the forbidden parameter in a form body, which the engine merges into the
  // query: POST /images/create with fromSrc=http://… makes the engine fetch an internal URL.
  const form = {
    headers: { "content-type": "application/x-www-form-urlencoded", "content-length": "21" },
    body: "fromSrc=http://inside",
  };
  assert.deepEqual(
    await refusalOf(ask("POST /images/create?fromImage=a", form)),
    refused('"ImageCreate" takes no body'),
  );
  assert.deepEqual(
    await refusalOf(
      ask("POST /containers/x/start", { headers: { "transfer-encoding": "chunked" } }),
    ),
    refused('"ContainerStart" takes no body'),
  );
  assert.deepEqual(
    await refusalOf(ask("POST /containers/create", form)),
    refused('"ContainerCreate" takes JSON only'),
  );
});

Deno.test("a body without a length is not forwarded to an endpoint that takes none", async () => {
  // Attacker: in the orchestrator, speaks HTTP/2, where a body needs neither a length nor an encoding header.
  const { proxy } = proxyTo(echo);
  const response = await proxy(ask("POST /images/create?fromImage=a", { body: "fromSrc=-" }));
  assert.deepEqual(await response.json(), {
    asked: "POST http://engine/images/create?fromImage=a",
    headers: { "accept-encoding": "identity" },
    body: "",
  });
});

Deno.test("a message that can be read in two ways is refused", async () => {
  // Attacker: in the orchestrator, takes over the connection, states two lengths, or hides a path in Host.
  assert.deepEqual(
    await refusalOf(ask("GET /version", { headers: { connection: "Upgrade", upgrade: "tcp" } })),
    refused("a connection cannot be upgraded"),
  );
  assert.deepEqual(
    await refusalOf(
      ask("POST /containers/create", {
        headers: { "content-length": "5", "transfer-encoding": "chunked" },
      }),
    ),
    refused("the body has two lengths"),
  );
  for (const host of ["x/containers/json?", "a, b", "a@b", "x\\y", "x#"]) {
    assert.deepEqual(
      await refusalOf(ask("GET /version", { headers: { host } })),
      refused("the Host header is not valid"),
      host,
    );
  }
});

Deno.test("an engine that does not answer gives 502 with the reason", async () => {
  const { proxy } = proxyTo(() => Promise.reject(new TypeError("connection refused")));
  const response = await proxy(ask("GET /version"));
  assert.equal(response.status, 502);
  assert.deepEqual(await response.json(), {
    message: "The Docker Engine did not answer: connection refused",
  });
});

Deno.test("a stream is passed on chunk by chunk, before the engine has ended it", async () => {
  const output = new TransformStream<Uint8Array, Uint8Array>();
  const writer = output.writable.getWriter();
  const { proxy, lines } = proxyTo(() => Promise.resolve(new Response(output.readable)));
  const response = await proxy(ask("GET /containers/x/logs?follow=1&stdout=1"));
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  for (const line of ["one\n", "two\n"]) {
    const written = writer.write(new TextEncoder().encode(line));
    assert.deepEqual(await reader.read(), { done: false, value: line });
    await written;
    assert.deepEqual(lines, []);
  }
  await writer.close();
  assert.equal((await reader.read()).done, true);
  assert.equal(lines[0]?.bytes, 8);
});

Deno.test("a stream that the engine cuts breaks for the client, and does not look complete", async () => {
  const output = new TransformStream<Uint8Array, Uint8Array>();
  const { proxy, lines } = proxyTo(() => Promise.resolve(new Response(output.readable)));
  const response = await proxy(ask("POST /containers/x/wait"));
  const read = response.text();
  await output.writable.abort(new Error("the engine went away"));
  await assert.rejects(read, /the engine went away/);
  assert.equal(lines[0]?.broken, "the engine went away");
});

Deno.test("a client that leaves a stream closes it at the engine too", async () => {
  const closed = Promise.withResolvers<unknown>();
  const endless = new ReadableStream<Uint8Array>({ cancel: (reason) => closed.resolve(reason) });
  const { proxy, lines } = proxyTo(() => Promise.resolve(new Response(endless)));
  const response = await proxy(ask("GET /containers/x/logs?follow=1"));
  await response.body!.cancel("enough");
  assert.equal(await closed.promise, "enough");
  assert.deepEqual(lines.map(({ broken }) => broken), ["enough"]);
});

Deno.test("a client that leaves during a read is logged once", async () => {
  const silent = new ReadableStream<Uint8Array>();
  const { proxy, lines } = proxyTo(() => Promise.resolve(new Response(silent)));
  const reader = (await proxy(ask("POST /containers/x/wait"))).body!.getReader();
  const read = reader.read();
  await reader.cancel("enough");
  assert.equal((await read).done, true);
  assert.deepEqual(lines.map(({ broken }) => broken), ["enough"]);
});

Deno.test("a client that leaves before the engine has answered cancels its request", async () => {
  const client = new AbortController();
  const { proxy, lines } = proxyTo((request) =>
    new Promise((_, reject) =>
      request.signal.addEventListener("abort", () => reject(request.signal.reason))
    )
  );
  const answer = proxy(ask("POST /containers/x/kill", { signal: client.signal }));
  client.abort(new Error("gone"));
  assert.equal((await answer).status, 499);
  assert.equal(lines[0]?.status, 499);
});
