/** The published calls to the letter: what is sent, and what is read of an answer. */

import assert from "node:assert/strict";
import type { Caller } from "../../../lib/bigeye/call.ts";
import { bigeyeClient } from "../../../lib/bigeye/client.ts";
import { Secret } from "../../../lib/crypto/secret.ts";
import { Problem } from "../../../lib/problems/problem.ts";
import { manualClock } from "../../fakes/system/clock.ts";
import { virtualClock } from "../../fakes/system/virtual_clock.ts";

const URL = "https://bigeye.test";

async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const outcome = await work.then(() => "no failure", (error: unknown) => error);
  assert(outcome instanceof Problem, String(outcome));
  return outcome;
}

/** A client whose calls are recorded as method, path, headers of ours, and body. */
function recorded(answer: (request: Request) => Response, options: Partial<Caller> = {}) {
  const calls: unknown[] = [];
  const client = bigeyeClient({
    url: URL,
    key: new Secret("k-1"),
    keyName: "Personal API Key",
    clock: manualClock(),
    async fetch(request) {
      const named = [...request.headers].filter(([name]) => name.startsWith("x-bigeye-"));
      const text = await request.text();
      const path = request.url.slice(URL.length);
      calls.push([
        `${request.method} ${path}`,
        Object.fromEntries(named),
        text === "" ? undefined : JSON.parse(text),
      ]);
      return answer(request);
    },
    ...options,
  });
  return { client, calls };
}

const CLAIM = {
  host_id: "h-1",
  installation_id: "00000000-0000-4000-8000-000000000001",
  managed_agents: ["lineage", "sds"] as const,
  version: "1.0.0",
  replace: true,
};

Deno.test("a registration has the published body, and everything else in headers", async () => {
  const { client, calls } = recorded(() => Response.json({ host: { host_id: "h-1" } }), {
    workspaceId: 7,
  });
  const { host } = await client.register(CLAIM);
  assert.equal(host.hostId, "h-1");
  assert.deepEqual(calls, [[
    "POST /api/v1/agent-orchestrator/register",
    {
      "x-bigeye-agent-installation": "00000000-0000-4000-8000-000000000001",
      "x-bigeye-agent-replace": "true",
      "x-bigeye-workspace-id": "7",
    },
    {
      hostId: "h-1",
      orchestratorVersion: "1.0.0",
      managedAgents: ["MANAGED_AGENT_TYPE_LINEAGE_PLUS", "MANAGED_AGENT_TYPE_SENSITIVE_DATA"],
    },
  ]]);
});

Deno.test("an errorMessage with status 200 refuses a registration", async () => {
  const refusedWith = async (errorMessage: string) => {
    const { client } = recorded(() => Response.json({ errorMessage }));
    const { code, exit, details } = await problemOf(client.register(CLAIM));
    return [code, exit, details];
  };
  assert.deepEqual(await refusedWith("Host is already registered"), [
    "host_already_registered",
    "conflict",
    [],
  ]);
  assert.deepEqual(await refusedWith("the license is used up"), [
    "bigeye_refused",
    "failed",
    [{ message: "the license is used up" }],
  ]);
});

Deno.test("the public keys are asked for at the second version of their path, then at the first", async () => {
  const { client, calls } = recorded(({ url }) =>
    url.includes("/v2/")
      ? new Response("<h1>Not found</h1>", { status: 404 })
      : Response.json({ publicKey: "PEM" })
  );
  await client.setPublicKey("PEM", { isFirst: false });
  assert.equal(await client.bigeyePublicKey(), "PEM");
  assert.deepEqual(calls, [
    ["PUT /api/v2/agent/public-key", {}, { publicKey: "PEM" }],
    ["PUT /api/v1/agent/public-key", {}, { publicKey: "PEM" }],
    ["GET /api/v2/agent/public-key/bigeye", {}, undefined],
    ["GET /api/v1/agent/public-key/bigeye", {}, undefined],
  ]);
});

Deno.test("a Bigeye that answers without its public key is not Bigeye", async () => {
  const { client } = recorded(() => Response.json({}));
  const { code, details } = await problemOf(client.bigeyePublicKey());
  assert.deepEqual([code, details], ["not_bigeye", [{ message: "publicKey: is missing" }]]);
});

Deno.test("a key that may not list the Agent API Keys is not an admin's", async () => {
  const { client, calls } = recorded(() => new Response(null, { status: 403 }));
  assert.equal((await problemOf(client.requireAdmin())).code, "admin_key_required");
  assert.deepEqual(calls, [["GET /api/v1/agent-api-keys", {}, undefined]]);
});

Deno.test("hosts are read as proto3 JSON allows: other spellings, numbers, and values of a newer Bigeye", async () => {
  const { client } = recorded(() =>
    Response.json({
      hosts: [{
        host_id: "h-1",
        managed_agents: [4, "MANAGED_AGENT_TYPE_NEWER"],
        status: 2,
        last_heartbeat_at_epoch_seconds: 1767225600,
        registeredAtEpochSeconds: null,
        color: "red",
      }],
    })
  );
  assert.deepEqual(await client.hosts(), [{
    hostId: "h-1",
    orchestratorVersion: "",
    managedAgents: ["MANAGED_AGENT_TYPE_LINEAGE_PLUS", "MANAGED_AGENT_TYPE_NEWER"],
    status: "AGENT_ORCHESTRATOR_STATUS_ONLINE",
    lastHeartbeatAtEpochSeconds: "1767225600",
  }]);
});

Deno.test("a call waits as long as Bigeye asks, says so, and gives up after two minutes in all", async () => {
  const waits: number[] = [];
  const clock = virtualClock();
  const options = { clock, onWait: (seconds: number) => void waits.push(seconds) };
  const busy = (seconds: string) =>
    new Response("slow down", { status: 429, headers: { "retry-after": seconds } });
  const answers = [busy("5"), busy("0"), Response.json({})];
  const patient = recorded(() => answers.shift() ?? assert.fail("asked too often"), options);
  assert.deepEqual(await patient.client.hosts(), []);
  const never = recorded(() => busy("50"), options);
  assert.equal((await problemOf(never.client.hosts())).code, "bigeye_busy");
  assert.deepEqual([waits, clock.monotonic()], [[5, 0, 50, 50], 105_000]);
});
