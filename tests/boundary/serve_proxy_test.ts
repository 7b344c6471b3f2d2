/** The proxy as a service: its flags, its stop and its health. */

import assert from "node:assert/strict";
import { PROXY_FLAGS } from "../../boundary/policy.ts";
import { isProxyHealthy, serveProxy } from "../../boundary/serve_proxy.ts";
import type { Fetch } from "../../lib/ports.ts";
import { Problem } from "../../lib/problems/problem.ts";
import { systemServeHttp } from "../../lib/system/network.ts";

const needs = (environment: Readonly<Record<string, string>>, engine: Fetch) => ({
  engine,
  log: () => {},
  clock: { monotonic: () => 0 },
  env: (name: string) => environment[name],
});

Deno.test("the proxy starts only with the pinned flags", async () => {
  // Attacker: edits the environment of the proxy, and starts it without the orchestrator's check.
  const serveHttp = () => assert.fail("it listens");
  const open = { ...needs({ ...PROXY_FLAGS, EXEC: "1" }, () => assert.fail()), serveHttp };
  await assert.rejects(serveProxy(open, { port: 0, signal: AbortSignal.any([]) }), (error) => {
    assert.ok(error instanceof Problem);
    assert.deepEqual({ code: error.code, exit: error.exit, details: error.details }, {
      code: "proxy_flags_changed",
      exit: "boundary",
      details: [{ message: 'EXEC: "0" expected, "1" found' }],
    });
    return true;
  });
});

Deno.test("the proxy stops at once even if the engine never answers", async () => {
  const stop = new AbortController();
  const asked = Promise.withResolvers<void>();
  const port = Promise.withResolvers<number>();
  const silent: Fetch = () => {
    asked.resolve();
    return new Promise(() => {});
  };
  const served = serveProxy({
    ...needs(PROXY_FLAGS, silent),
    serveHttp: (handler, options) =>
      systemServeHttp(handler, {
        ...options,
        hostname: "127.0.0.1",
        onListen: (inUse) => port.resolve(inUse),
      }),
  }, { port: 0, signal: stop.signal });
  const answer = fetch(`http://127.0.0.1:${await port.promise}/version`);
  await asked.promise;
  stop.abort();
  await served;
  await assert.rejects(answer);
});

Deno.test("the proxy is healthy if the engine behind it answers", async () => {
  const signal = AbortSignal.any([]);
  const healthy = (fetch: Fetch) => isProxyHealthy({ fetch }, { port: 2375, signal });
  assert.deepEqual([
    await healthy(() => Promise.resolve(new Response("{}"))),
    await healthy(() => Promise.resolve(new Response("{}", { status: 502 }))),
    await healthy(() => Promise.reject(new TypeError("connection refused"))),
  ], [true, false, false]);
});
