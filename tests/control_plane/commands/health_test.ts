/** The command health, which containers run as their health check. */

import assert from "node:assert/strict";
import { health } from "../../../control_plane/commands/health.ts";
import type { Fetch } from "../../../lib/ports.ts";
import { Problem } from "../../../lib/problems/problem.ts";
import { manualClock } from "../../fakes/system/clock.ts";

interface Asked {
  readonly listen?: readonly string[];
  readonly variable?: string;
  readonly fetch?: Fetch;
}

/** Runs the command. Returns the URL that it requests, and "well" or the error. */
async function asked({ listen, variable, fetch }: Asked): Promise<readonly string[]> {
  const lines: string[] = [];
  const answer = fetch ?? (() => Promise.resolve(new Response("{}")));
  await health({ ...(listen && { listen }) }, {
    env: (name) => name === "BIGEYE_PLANE_LISTEN" ? variable : undefined,
    clock: manualClock(),
    direct: (url) => (request) => {
      lines.push(request.url === url ? url : `${request.url} through ${url}`);
      return answer(request);
    },
    stop: new AbortController().signal,
  }).then(() => lines.push("well"), (error) => {
    if (!(error instanceof Problem)) throw error;
    lines.push(`${error.code}: ${error.message}`);
  });
  return lines;
}

Deno.test("health requests the first address that the control plane listens on, and loopback for 0.0.0.0", async () => {
  assert.deepEqual(await asked({}), ["http://127.0.0.1:8080/healthz", "well"]);
  assert.deepEqual(await asked({ listen: ["10.0.0.5:8081", "[::1]:81"] }), [
    "http://10.0.0.5:8081/healthz",
    "well",
  ]);
  assert.deepEqual(await asked({ variable: "0.0.0.0:8080" }), [
    "http://127.0.0.1:8080/healthz",
    "well",
  ]);
  assert.deepEqual(await asked({ variable: "[::]:8080,10.0.0.5:8081" }), [
    "http://[::1]:8080/healthz",
    "well",
  ]);
});

Deno.test("health fails when the control plane responds with 503 or cannot be reached", async () => {
  const url = "http://127.0.0.1:8080/healthz";
  assert.deepEqual(
    await asked({ fetch: () => Promise.resolve(new Response("", { status: 503 })) }),
    [
      url,
      `plane_unwell: Cannot confirm that the control plane at ${url} is healthy: it answers 503`,
    ],
  );
  assert.deepEqual(await asked({ fetch: () => Promise.reject(new Error("connection refused")) }), [
    url,
    `plane_unwell: Cannot confirm that the control plane at ${url} is healthy: connection refused`,
  ]);
});
