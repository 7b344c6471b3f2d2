/** The chunks of the proxy's responses and their times, as a client on a socket sees them. */

import assert from "node:assert/strict";
import { createProxy } from "../../boundary/proxy.ts";
import { systemServeHttp } from "../../lib/system/network.ts";
import type { Fetch } from "../../lib/ports.ts";

const DOCUMENT = JSON.stringify({ Id: "a".repeat(3_000) });

/** The proxy on a port of loopback, and one connection to it. */
async function connected(engine: Fetch) {
  const stop = new AbortController();
  const port = Promise.withResolvers<number>();
  const proxy = createProxy({ engine, log: () => {}, clock: { monotonic: () => 0 } });
  const served = systemServeHttp(proxy, {
    hostname: "127.0.0.1",
    port: 0,
    signal: stop.signal,
    onListen: port.resolve,
  });
  const connection = await Deno.connect({ port: await port.promise });
  const buffer = new Uint8Array(2 ** 20);
  return {
    send: async (request: string) => {
      const text = `${request} HTTP/1.1\r\nHost: docker-socket-proxy\r\n\r\n`;
      await connection.write(new TextEncoder().encode(text));
    },
    /** The text of one read, or `undefined` if the proxy has closed the connection. */
    read: async () => {
      const length = await connection.read(buffer);
      return length === null ? undefined : new TextDecoder().decode(buffer.subarray(0, length));
    },
    async [Symbol.asyncDispose]() {
      connection.close();
      stop.abort();
      await served;
    },
  };
}

/** An engine whose response has no length, like Docker's responses above 2 kB. */
const unsized = (status: number) => () =>
  Promise.resolve(
    new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(DOCUMENT));
          controller.close();
        },
      }),
      { status, headers: { "content-type": "application/json" } },
    ),
  );

/** Several requests on one connection, because a delayed chunk shows from the second one on. */
const TIMES = 8;

// The kernel delays a second small write until the first is acknowledged, which takes 40 ms.
const SHORT: Readonly<Record<string, readonly [request: string, engine: Fetch, status: number]>> = {
  "an answer with a length": ["GET /version", () => Promise.resolve(new Response(DOCUMENT)), 200],
  "an answer without a length": ["GET /containers/x/json", unsized(200), 200],
  "an engine's refusal": ["POST /containers/x/wait", unsized(404), 404],
  "the proxy's own refusal": ["GET /networks", () => assert.fail("the engine was asked"), 403],
};

for (const [name, [request, engine, status]] of Object.entries(SHORT)) {
  Deno.test(`${name} is sent in one write`, async () => {
    await using client = await connected(engine);
    for (let time = 0; time < TIMES; time++) {
      await client.send(request);
      const [head = "", body = ""] = (await client.read() ?? "").split("\r\n\r\n");
      assert.match(head, new RegExp(`^HTTP/1.1 ${status} `));
      assert.equal(body.length, Number(/content-length: (\d+)/i.exec(head)?.[1]));
      assert(JSON.parse(body));
    }
  });
}

/** The pinned Deno closes such a connection at once. With 2.9.6 the client must close it. */
const CLOSES = Deno.version.deno.startsWith("2.7.");

Deno.test("a stream arrives chunk by chunk, and ends with its connection", async () => {
  const output = new TransformStream<Uint8Array, Uint8Array>();
  const writer = output.writable.getWriter();
  await using client = await connected(() => Promise.resolve(new Response(output.readable)));
  await client.send("GET /containers/x/logs?follow=1&stdout=1");
  assert.match(await client.read() ?? "", /^HTTP\/1\.1 200 OK\r\n[^]*\r\nconnection: close\r\n/i);
  for (const line of ["one\n", "two\n"]) {
    await writer.write(new TextEncoder().encode(line));
    assert.equal(await client.read(), `4\r\n${line}\r\n`);
  }
  await writer.close();
  assert.equal(await client.read(), "0\r\n\r\n");
  if (CLOSES) assert.equal(await client.read(), undefined);
});

Deno.test("the head of a wait arrives before the container has ended", async () => {
  const exit = Promise.withResolvers<string>();
  const body = ReadableStream.from((async function* () {
    yield new TextEncoder().encode(await exit.promise);
  })());
  await using client = await connected(() => Promise.resolve(new Response(body)));
  await client.send("POST /containers/x/wait?condition=not-running");
  assert.match(await client.read() ?? "", /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n$/);
  exit.resolve('{"StatusCode":0}');
  let rest = "";
  while (!rest.endsWith("0\r\n\r\n")) rest += await client.read();
  assert.equal(rest, '10\r\n{"StatusCode":0}\r\n0\r\n\r\n');
});

Deno.test("an answer of more than 1 MiB is streamed", async () => {
  const piece = new TextEncoder().encode("x".repeat(300_000));
  let asked = 0;
  const endless = new ReadableStream({
    pull: (controller) => (asked++, controller.enqueue(piece)),
  });
  await using client = await connected(() => Promise.resolve(new Response(endless)));
  await client.send("GET /containers/json?all=1");
  assert.match(await client.read() ?? "", /^HTTP\/1\.1 200 OK\r\n[^]*connection: close\r\n/i);
  assert(asked < 20, `the engine was asked for ${asked} pieces`);
});

/** A proxy with this engine, and its log. */
function logged(engine: Fetch) {
  const lines: Record<string, unknown>[] = [];
  const log = (_level: string, _message: string, fields = {}) => void lines.push(fields);
  return { proxy: createProxy({ engine, log, clock: { monotonic: () => 0 } }), lines };
}

Deno.test("a short answer that the engine cuts gives 502", async () => {
  const output = new TransformStream<Uint8Array, Uint8Array>();
  const { proxy, lines } = logged(() => Promise.resolve(new Response(output.readable)));
  const answer = proxy(new Request("http://proxy:2375/containers/x/json"));
  const writer = output.writable.getWriter();
  await writer.write(new TextEncoder().encode('{"Id":'));
  await writer.abort(new Error("the engine went away"));
  const response = await answer;
  assert.deepEqual([response.status, await response.json(), lines.map(({ status }) => status)], [
    502,
    { message: "The Docker Engine did not answer: the engine went away" },
    [502],
  ]);
});

Deno.test("a client that leaves during a short answer cancels it at the engine", async () => {
  const client = new AbortController();
  const closed = Promise.withResolvers<unknown>();
  const silent = new ReadableStream<Uint8Array>({ cancel: (reason) => closed.resolve(reason) });
  const { proxy, lines } = logged(() => Promise.resolve(new Response(silent)));
  const answer = proxy(
    new Request("http://proxy:2375/containers/x/json", { signal: client.signal }),
  );
  client.abort(new Error("gone"));
  assert.equal((await answer).status, 499);
  await closed.promise;
  assert.deepEqual(lines.map(({ status }) => status), [499]);
});
