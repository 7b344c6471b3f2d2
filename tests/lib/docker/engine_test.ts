/** The Engine API client: versions, failures, aborts, pulls and logs. */

import assert from "node:assert/strict";
import { Engine } from "../../../lib/docker/engine.ts";
import type { Fetch } from "../../../lib/ports.ts";
import { manualClock } from "../../fakes/system/clock.ts";

const ENGINE = { "Api-Version": "1.41", "Content-Type": "application/json" };
const VERSION = { Version: "20.10.24", ApiVersion: "1.41", MinAPIVersion: "1.12" };

interface Answer {
  readonly status?: number;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

/** An engine that gives one answer to every call but `/version`. */
function engineWith(answer: Answer | Fetch, version: object = VERSION) {
  const asked: string[] = [];
  const fetch: Fetch = (request) => {
    const { pathname, search } = new URL(request.url);
    if (pathname === "/version") return Promise.resolve(Response.json(version));
    asked.push(`${request.method} ${pathname}${search}`);
    if (typeof answer === "function") return answer(request);
    const { status = 200, body = "", headers = ENGINE } = answer;
    return Promise.resolve(new Response(status === 204 ? null : body, { status, headers }));
  };
  const clock = manualClock();
  return { engine: new Engine({ fetch, clock, baseUrl: "http://proxy" }), asked, clock };
}

Deno.test("every call uses the older of the engine's API version and ours", async () => {
  const old = engineWith({ status: 204 });
  await old.engine.startContainer("x");
  const young = engineWith({ status: 204 }, { ...VERSION, ApiVersion: "1.99" });
  await young.engine.startContainer("x");
  assert.deepEqual([...old.asked, ...young.asked], [
    "POST /v1.41/containers/x/start",
    "POST /v1.47/containers/x/start",
  ]);
  const { engine } = engineWith({}, { ...VERSION, ApiVersion: "1.99", MinAPIVersion: "1.60" });
  await assert.rejects(engine.startContainer("x"), { code: "docker_too_new" });
});

Deno.test("the code of a failure follows from the answer's status and from who sent it", async () => {
  const codeOf = async (answer: Answer) => {
    const { engine } = engineWith(answer);
    return await engine.startContainer("x").then(() => "fine", ({ code }) => code);
  };
  const message = JSON.stringify({ message: "why" });
  const byEngine = (status: number) => codeOf({ status, body: message });
  const byProxy = (status: number) => codeOf({ status, body: "<html>", headers: {} });
  assert.deepEqual(await Promise.all([204, 404, 409, 400, 403, 500, 503].map(byEngine)), [
    "fine",
    "docker_not_found",
    "docker_conflict",
    "docker_refused",
    "docker_refused",
    "docker_refused",
    "docker_unavailable",
  ]);
  assert.deepEqual(await Promise.all([403, 502, 500].map(byProxy)), [
    "docker_denied",
    "docker_unavailable",
    "docker_unavailable",
  ]);
});

Deno.test("a wait whose answer was cut off leaves the state unknown", async () => {
  const { engine } = engineWith({ body: "" });
  await assert.rejects(engine.waitContainer("x"), { code: "docker_unavailable" });
});

Deno.test("an abort ends a read that receives no byte, with the caller's reason", async () => {
  const stop = new AbortController();
  const { engine } = engineWith(() => Promise.resolve(new Response(new ReadableStream())));
  const waiting = engine.waitContainer("x", stop.signal);
  await new Promise((resolve) => setTimeout(resolve, 0));
  stop.abort(new Error("leave"));
  await assert.rejects(waiting, { message: "leave" });
});

Deno.test("a call without an answer fails after a minute", async () => {
  const asked = Promise.withResolvers<void>();
  const { engine, clock } = engineWith(({ signal }) => {
    asked.resolve();
    return new Promise((_, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason))
    );
  });
  const starting = assert.rejects(engine.startContainer("x"), { code: "docker_unavailable" });
  await asked.promise;
  clock.advance(60_000);
  await starting;
});

Deno.test("a pull fails if its progress reports an error, even though the status is 200", async () => {
  const pull = async (image: string, error: string) => {
    const body = `{"status":"Pulling"}\r\n{"error":${JSON.stringify(error)}}\r\n`;
    const { engine, asked } = engineWith({ body });
    const code = await engine.pullImage(image).then(() => "fine", ({ code }) => code);
    return [asked[0], code];
  };
  assert.deepEqual(await pull("bigeyedata/a", "manifest unknown"), [
    "POST /v1.41/images/create?fromImage=bigeyedata%2Fa&tag=latest",
    "image_missing",
  ]);
  assert.deepEqual(await pull("host:5000/a:1", "unauthorized: authentication required"), [
    "POST /v1.41/images/create?fromImage=host%3A5000%2Fa&tag=1",
    "image_auth",
  ]);
  assert.deepEqual(await pull("a:1@sha256:ab", "toomanyrequests: slow down"), [
    "POST /v1.41/images/create?fromImage=a&tag=sha256%3Aab",
    "rate_limited",
  ]);
  const [, notLoggedIn] = await pull(
    "a",
    'Head "http://a/v2/a/manifests/1": no basic auth credentials',
  );
  assert.equal(notLoggedIn, "image_auth");
  const [, full] = await pull("a", "write /var/lib/docker/tmp: no space left on device");
  assert.equal(full, "disk_pressure");
});

Deno.test("lines of both streams are separated, wherever the network splits them", async () => {
  const frame = (stream: number, text: string) => {
    const payload = new TextEncoder().encode(text);
    const bytes = new Uint8Array(8 + payload.length);
    bytes[0] = stream;
    new DataView(bytes.buffer).setUint32(4, payload.length);
    bytes.set(payload, 8);
    return bytes;
  };
  const at = "2026-01-01T00:00:00.000000001Z";
  const bytes = new Uint8Array([...frame(1, `${at} héllo\r\n`), ...frame(2, `${at} \n`)]);
  for (let cut = 1; cut < bytes.length; cut++) {
    const parts = [bytes.slice(0, cut), bytes.slice(cut)];
    const { engine, asked } = engineWith(() =>
      Promise.resolve(new Response(ReadableStream.from(parts)))
    );
    const lines = await Array.fromAsync(engine.logs("x", { since: at, follow: false }));
    assert.deepEqual(lines.flat(), [
      { stream: "out", at, text: "héllo" },
      { stream: "err", at, text: "" },
    ]);
    assert.match(asked[0] ?? "", /since=1767225600\.000000001$/);
  }
});
