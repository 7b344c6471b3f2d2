/** The REST client: its requests, and its results for every kind of response. */

import assert from "node:assert/strict";
import { bigeyeClient } from "../../../lib/bigeye/client.ts";
import type { Fetch } from "../../../lib/ports.ts";
import { Problem } from "../../../lib/problems/problem.ts";
import { Secret } from "../../../lib/crypto/secret.ts";
import { manualClock } from "../../fakes/system/clock.ts";

const URL = "https://bigeye.test";

function clientOver(fetch: Fetch, clock = manualClock()) {
  return bigeyeClient({
    url: URL,
    key: new Secret("k-1"),
    keyName: "Agent API Key",
    fetch,
    clock,
  });
}

async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const outcome = await work.then(() => "no failure", (error: unknown) => error);
  assert(outcome instanceof Problem, String(outcome));
  return outcome;
}

const answers = (body: unknown, status = 200, headers: HeadersInit = {}): Fetch => () =>
  Promise.resolve(
    new Response(typeof body === "string" ? body : JSON.stringify(body), { status, headers }),
  );

const refusal = (code: string, message: string) => ({ code, message, error: code, details: [] });

Deno.test("the key is sent in the documented header, and nowhere else", async () => {
  const seen: [string, string | null][] = [];
  const client = clientOver((request) => {
    seen.push([`${request.method} ${request.url}`, request.headers.get("authorization")]);
    return Promise.resolve(new Response(null, { status: 204 }));
  });
  await client.verifyAgentKey();
  assert.deepEqual(seen, [[`GET ${URL}/api/v1/agent-api-keys/verify`, "apikey k-1"]]);
});

Deno.test("204 and 200 with an empty object both mean that the key is valid", async () => {
  const empty: Fetch = () => Promise.resolve(new Response(null, { status: 204 }));
  for (const fetch of [empty, answers({})]) await clientOver(fetch).verifyAgentKey();
});

Deno.test("the public key of an account without one is undefined", async () => {
  assert.equal(
    await clientOver(answers(refusal("public_key_not_set", "x"), 404)).publicKey(),
    undefined,
  );
  assert.equal(await clientOver(answers({ publicKey: "" })).publicKey(), undefined);
});

/** A response, and the code and exit of its Problem. */
const STRANGERS: Readonly<Record<string, readonly [Fetch, string, string]>> = {
  "a login page of the network": [
    answers("<!doctype html><title>Welcome</title>"),
    "not_bigeye",
    "failed",
  ],
  "a redirect to a login page": [
    answers("", 302, { location: "http://login.test/" }),
    "not_bigeye",
    "failed",
  ],
  "JSON of another product": [answers({ hosts: "world" }), "not_bigeye", "failed"],
  "a proxy that wants a password": [answers("", 407), "proxy_refused", "failed"],
  "a gateway without its server": [answers("Bad gateway", 502), "bigeye_failed", "failed"],
  "Bigeye that does not know the key": [
    answers(refusal("unauthenticated", "x"), 401),
    "key_rejected",
    "denied",
  ],
  "Bigeye that wants an admin": [
    answers(refusal("admin_key_required", "x"), 403),
    "bigeye_denied",
    "denied",
  ],
  "Bigeye without the call": [answers("<h1>Not found</h1>", 404), "bigeye_not_found", "failed"],
  "Bigeye in trouble": [answers(refusal("internal", "x"), 500), "bigeye_failed", "failed"],
  "Bigeye that had too many requests": [answers("slow down", 429), "bigeye_busy", "failed"],
  "a server with an unknown certificate": [
    () => Promise.reject(new TypeError("invalid peer certificate: UnknownIssuer")),
    "bigeye_untrusted",
    "failed",
  ],
  "a closed port": [
    () => Promise.reject(new TypeError("tcp connect error: Connection refused")),
    "bigeye_unreachable",
    "failed",
  ],
};

for (const [who, [fetch, code, exit]] of Object.entries(STRANGERS)) {
  Deno.test(`${who} is reported as ${code}`, async () => {
    const problem = await problemOf(clientOver(fetch).hosts());
    assert.deepEqual({ code: problem.code, exit: problem.exit }, { code, exit });
    assert.equal(JSON.stringify(problem).includes("k-1"), false);
  });
}

Deno.test("a host id of another installation is the documented conflict", async () => {
  const fetch = answers(refusal("host_already_registered", "Host is already registered"), 409);
  const problem = await problemOf(
    clientOver(fetch).register({
      host_id: "h-1",
      installation_id: "00000000-0000-4000-8000-000000000001",
      managed_agents: [],
      version: "1",
      replace: false,
    }),
  );
  assert.deepEqual([problem.message, problem.exit], ["Host is already registered", "conflict"]);
});

Deno.test("a host with active runs is a different conflict from a taken host id", async () => {
  const details = [{ path: "run_id", message: "r-1" }, { message: "a hint" }];
  const body = { ...refusal("host_has_active_runs", "x"), details };
  const claim = {
    host_id: "h-1",
    installation_id: "00000000-0000-4000-8000-000000000001",
    managed_agents: [],
    version: "1",
    replace: true,
  };
  const problem = await problemOf(clientOver(answers(body, 409)).register(claim));
  assert.deepEqual([problem.code, problem.exit, problem.details], [
    "host_has_active_runs",
    "conflict",
    [{ path: "run_id", message: "r-1" }],
  ]);
});

Deno.test("of all conflicts, only that of a heartbeat reports that another machine has taken the host", async () => {
  const beat = { installationId: "i-1", body: { hostId: "h-1", orchestratorVersion: "1" } };
  const heartbeat = (code: string) =>
    problemOf(clientOver(answers(refusal(code, "Bigeye's message"), 409)).heartbeat(beat));
  const taken = await heartbeat("host_owned_elsewhere");
  assert.deepEqual([taken.code, taken.exit, taken.message, taken.hint], [
    "host_taken_over",
    "conflict",
    'Cannot serve host "h-1" any longer: another machine has taken it over',
    'Run "bigeye-agent compose down" here, or "bigeye-agent register --replace" to take it back',
  ]);
  const other = await heartbeat("something_else");
  assert.deepEqual([other.code, other.details], [
    "bigeye_refused",
    [{ message: "something_else: Bigeye's message" }],
  ]);
});

Deno.test("a call without an answer fails after 30 s", async () => {
  const clock = manualClock();
  const never: Fetch = ({ signal }) =>
    new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      queueMicrotask(() => clock.advance(30_000));
    });
  const problem = await problemOf(clientOver(never, clock).hosts());
  assert.deepEqual(problem.details, [{ message: "no answer within 30000 ms" }]);
});

Deno.test("an abort during a call is passed on with its reason", async () => {
  const controller = new AbortController();
  const reason = new Error("stopped by hand");
  const hung: Fetch = ({ signal }) =>
    new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      queueMicrotask(() => controller.abort(reason));
    });
  await assert.rejects(clientOver(hung).hosts(controller.signal), (error) => error === reason);
});
