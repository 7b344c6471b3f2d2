/** The service as a whole, with Temporal, the engine and Bigeye as small fakes. */

import assert from "node:assert/strict";
import { generateKeyPair } from "../../lib/keys.ts";
import type { Fetch, LogLevel } from "../../lib/ports.ts";
import { isHealthy } from "../../orchestrator/health.ts";
import { serve, type ServeNeeds } from "../../orchestrator/serve.ts";
import type { ConnectOptions, TemporalHost } from "../../orchestrator/temporal_host.ts";
import { composeFile } from "../../templates/compose.ts";
import { fakeEngine } from "../fakes/engine.ts";
import { memoryFiles } from "../fakes/memory_files.ts";
import { STACK_PLAN } from "../fakes/stack_plan.ts";
import { virtualClock } from "../fakes/virtual_clock.ts";

const pair = await generateKeyPair();
const FOLDER = STACK_PLAN.hostFolder;
const CONFIG = `
bigeye: {url: https://bigeye.test}
agents: [{type: lineage, image: "fake/lineage:1"}]
orchestrator: {host_id: host-1, temporal: {address: "temporal.test:7233", namespace: default}}
`;

function makeService(composeText = composeFile(STACK_PLAN)) {
  const clock = virtualClock();
  const files = memoryFiles({
    "/tmp/x": "",
    [`${FOLDER}/bigeye_agent.yml`]: CONFIG,
    [`${FOLDER}/docker-compose.bigeye.yml`]: composeText,
    [`${FOLDER}/.bigeye/installation`]: "11111111-1111-4111-8111-111111111111\n",
    [`${FOLDER}/agent_config/private.pem`]: pair.privatePem,
    [`${FOLDER}/agent_config/public.pem`]: pair.publicPem,
    [`${FOLDER}/agent_config/bigeye.pem`]: pair.publicPem,
    [`${FOLDER}/agent_config/agent_api_key`]: "key-of-the-host\n",
  });
  const told: string[] = [];
  const asked: (string | null)[] = [];
  const bigeye: Fetch = (request) => {
    asked.push(`${new URL(request.url).pathname} ${request.headers.get("authorization")}`);
    return Promise.resolve(new Response(null, { status: 204 }));
  };
  const temporal = (options: ConnectOptions): TemporalHost => ({
    workflows: {
      signalPhases: () => Promise.resolve(),
      isClosed: () => Promise.resolve(false),
    },
    start: () => {
      told.push(`workers of ${options.hostId}, ${options.runSlots} slots`);
      return Promise.resolve({
        run: (signal) => clock.sleep(1e9, signal).catch(() => void told.push("workers drained")),
      });
    },
    close: () => Promise.resolve(void told.push("connection closed")),
  });
  const needs: ServeNeeds = {
    folder: FOLDER,
    dockerUrl: "http://docker-socket-proxy:2375",
    dockerFetch: fakeEngine(clock).fetch,
    network: () => bigeye,
    connect: (options) => Promise.resolve(temporal(options)),
    healthPath: "/tmp/health.json",
    files,
    clock,
    log: (_: LogLevel, message) => void told.push(message),
    identity: { uid: 1000, gid: 1000 },
  };
  return { needs, told, asked, clock, files };
}

Deno.test("the service verifies its boundary first, works, and hands back when it is told to stop", async () => {
  const { needs, told, asked, clock, files } = makeService();
  const stop = new AbortController();
  const serving = serve(needs, stop.signal);
  await clock.sleep(11_000);
  assert.equal(await isHealthy("/tmp/health.json", { files, clock }), true);
  stop.abort();
  await serving;
  assert.deepEqual(told, [
    "boundary verified",
    "workers of host-1, 4 slots",
    "temporal worker started",
    "heartbeat accepted",
    "workers drained",
    "connection closed",
    "stopped",
  ]);
  const beat = "/api/v1/agent-orchestrator/hosts/host-1/heartbeat apikey key-of-the-host";
  assert.deepEqual(asked, [beat, beat]);
});

Deno.test("a changed proxy keeps the service from starting", async () => {
  // Who: somebody who may edit the compose file, to open the engine's exec calls to the orchestrator.
  const { needs, told } = makeService(composeFile(STACK_PLAN).replace('EXEC: "0"', 'EXEC: "1"'));
  await assert.rejects(serve(needs, new AbortController().signal), { code: "boundary_changed" });
  assert.deepEqual(told, ["stopped"]);
});
