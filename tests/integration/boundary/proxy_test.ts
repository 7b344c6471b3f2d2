import assert from "node:assert/strict";
import { probeProxy } from "../../../boundary/probe.ts";
import { waitFor } from "../../harness/time/wait.ts";
import { type Boundary, openBoundary } from "./fixture.ts";

/** Sends a request. Returns the status, and whether the engine or the proxy has answered. */
async function ask(boundary: Boundary, request: string, init: RequestInit = {}): Promise<string> {
  const [method = "", path = ""] = request.split(" ");
  const response = await fetch(`${boundary.url}${path}`, { method, redirect: "manual", ...init });
  // The engine sends the status of a wait at once; the body ends with the container.
  await response.arrayBuffer();
  return `${response.status} ${response.headers.has("api-version") ? "engine" : "proxy"}`;
}

/** Sends a raw request that no HTTP client would send. Returns the first line of the response. */
async function askRaw({ url }: Boundary, head: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(url).port) });
  await connection.write(new TextEncoder().encode(`${head}\r\n\r\n`));
  const bytes = new Uint8Array(64);
  const read = await connection.read(bytes) ?? 0;
  return new TextDecoder().decode(bytes.subarray(0, read)).split("\r\n", 1)[0] ?? "";
}

const json = (body: unknown): RequestInit => ({
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

Deno.test("the proxy works in front of a real engine", async (t) => {
  await using boundary = await openBoundary();
  const signal = new AbortController().signal;

  await t.step("the proxy passes every probe of the boundary", async () => {
    assert.deepEqual(await probeProxy({ fetch }, { url: boundary.url, signal }), []);
  });

  await t.step(
    "the proxy forwards every request from the creation to the removal of a container",
    async () => {
      const name = `bigeye-boundary-${crypto.randomUUID()}`;
      const body = json({
        Image: boundary.image,
        Entrypoint: ["/bin/bash", "-c", "exit 3"],
        HostConfig: { NetworkMode: "none" },
      });
      const answers = [
        await ask(boundary, `GET /v1.41/images/${boundary.image}/json`),
        await ask(boundary, `POST /v1.41/containers/create?name=${name}`, body),
        await ask(boundary, `POST /v1.41/containers/create?name=${name}`, body),
        await ask(boundary, `GET /v1.41/containers/json?all=1&filters=${encodeURIComponent("{}")}`),
        await ask(boundary, `POST /v1.41/containers/${name}/start`),
        await ask(boundary, `POST /v1.41/containers/${name}/wait?condition=not-running`),
        await ask(boundary, `GET /v1.41/containers/${name}/json`),
        await ask(boundary, `GET /v1.41/containers/${name}/logs?stdout=1&stderr=1`),
        await ask(boundary, `POST /v1.41/containers/${name}/kill?signal=SIGTERM`),
        await ask(boundary, `POST /v1.41/containers/${name}/stop?t=1`),
        await ask(boundary, `DELETE /v1.41/containers/${name}?force=1&v=1`),
        await ask(boundary, `GET /v1.41/containers/${name}/json`),
      ];
      assert.deepEqual(
        answers.map((answer) => answer.replace(" engine", "")),
        ["200", "201", "409", "200", "204", "200", "200", "200", "409", "304", "204", "404"],
      );
    },
  );

  await t.step(
    "a followed log is passed on line by line, and closed when the client leaves",
    async () => {
      const id = await boundary.start("for i in 1 2 3; do echo $i; sleep 0.3; done; sleep 600");
      const client = new AbortController();
      const path = `/v1.41/containers/${id}/logs?follow=1&stdout=1`;
      const response = await fetch(`${boundary.url}${path}`, { signal: client.signal });
      const reader = response.body!.getReader();
      const lines: string[] = [];
      while (lines.length < 3) {
        const { value = new Uint8Array() } = await reader.read();
        for (const digit of new TextDecoder().decode(value).match(/[123](?=\n)/g) ?? []) {
          lines.push(digit);
        }
      }
      assert.deepEqual(lines, ["1", "2", "3"]);
      assert.equal(await isRunning(boundary, id), true);
      client.abort();
      await reader.closed.catch(() => {});
      const line = await written(boundary, `/v1.41/containers/${id}/logs`);
      assert.equal(line.broken, "the client left");
    },
  );

  await t.step("a wait is answered with the exit code when the container ends", async () => {
    const id = await boundary.start("sleep 1; exit 7");
    const response = await fetch(`${boundary.url}/v1.41/containers/${id}/wait`, { method: "POST" });
    assert.deepEqual(await response.json(), { Error: null, StatusCode: 7 });
  });

  await t.step(
    "exec, attach and the files of another container are denied",
    async () => {
      // Attacker: in the orchestrator, and knows the id of a container from the list.
      const id = await boundary.start("sleep 600");
      const exec = json({ Cmd: ["bash"], AttachStdout: true, Privileged: true });
      assert.deepEqual([
        await ask(boundary, `POST /containers/${id}/exec`, exec),
        await ask(boundary, `GET /containers/${id}/archive?path=/`),
        await ask(boundary, `POST /containers/${id}/attach?stream=1&stdin=1`),
        await ask(boundary, `GET /containers/${id}/export`),
      ], ["403 proxy", "403 proxy", "403 proxy", "403 proxy"]);
    },
  );

  await t.step(
    "networks, volumes, builds, plugins and the swarm are denied",
    async () => {
      // Attacker: in the orchestrator, and wants the proxy's network, or a volume of the host's root.
      assert.deepEqual([
        await ask(boundary, "POST /networks/create", json({ Name: "x" })),
        await ask(boundary, "POST /volumes/create", json({ Name: "x" })),
        await ask(boundary, "POST /build"),
        await ask(boundary, "POST /swarm/init", json({})),
        await ask(boundary, "POST /plugins/pull?remote=x"),
        await ask(boundary, "PUT /containers/x/archive?path=/"),
      ], ["403 proxy", "403 proxy", "403 proxy", "403 proxy", "403 proxy", "403 proxy"]);
    },
  );

  await t.step(
    "a pull from an internal URL is denied in the query and in a form body",
    async () => {
      // Attacker: in the orchestrator, and sends fromSrc in a form, which the engine merges into the query.
      const form = new URLSearchParams({ fromSrc: "http://127.0.0.1:1/" });
      assert.equal(await ask(boundary, `POST /images/create?${form}`), "403 proxy");
      assert.equal(await ask(boundary, "POST /images/create", { body: form }), "403 proxy");
    },
  );

  await t.step("requests that proxy and engine could read differently are refused", async () => {
    // Attacker: in the orchestrator, and sends raw bytes that no HTTP client would send.
    const heads = [
      "GET /containers/../networks HTTP/1.1\r\nHost: x",
      "GET /containers/%2e%2e/networks HTTP/1.1\r\nHost: x",
      "GET //networks HTTP/1.1\r\nHost: x",
      "GET /containers\\..\\networks HTTP/1.1\r\nHost: x",
      "GET http://engine/networks HTTP/1.1\r\nHost: x",
      "GET /networks HTTP/1.1\r\nHost: x/containers/json?",
      "GET /networks HTTP/1.1\r\nHost: a\r\nHost: b",
      "GET /networks HTTP/1.0",
      "OPTIONS * HTTP/1.1\r\nHost: x",
      "CONNECT networks:80 HTTP/1.1\r\nHost: x",
      "TRACE /containers/json HTTP/1.1\r\nHost: x",
      "GET /containers/x/attach/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket",
      "POST /containers/create HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" +
      "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0",
      "GET /\0containers HTTP/1.1\r\nHost: x",
      "GET /version HTTP/1.1\r\nHost: x\r\nX-Folded: a\r\n b",
      "POST /containers/create HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3",
    ];
    for (const head of heads) {
      assert.match(
        await askRaw(boundary, head),
        /^HTTP\/1\.[01] (403 Forbidden|400 Bad Request)$/,
        head,
      );
    }
  });

  await t.step("the proxy stops at once and ends open streams", async () => {
    const id = await boundary.start("sleep 600");
    const wait = fetch(`${boundary.url}/v1.41/containers/${id}/wait`, { method: "POST" });
    const body = (await wait).text();
    await Promise.all([boundary.stop(), assert.rejects(body)]);
    assert.equal(await isRunning(boundary, id), true);
  });
});

/** Waits for the log line of a path. The proxy writes it when it has noticed the end of the request. */
function written(
  { lines }: Boundary,
  path: string,
): Promise<Readonly<Record<string, unknown>>> {
  const line = () => Promise.resolve(lines.find((one) => one.path === path));
  return waitFor(line, { what: `the log line of ${path}`, intervalMs: 5 });
}

async function isRunning({ engine }: Boundary, id: string): Promise<boolean> {
  const response = await engine(new Request(`http://engine/containers/${id}/json`));
  const { State } = await response.json();
  return State.Running;
}
