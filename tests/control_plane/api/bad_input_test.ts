/** Mistakes of callers, and the responses to them. */

import assert from "node:assert/strict";
import {
  ANY,
  API,
  type Key,
  LINEAGE_JOB,
  ORCHESTRATOR,
  refusal,
  testPlane,
} from "../../fakes/control_plane/plane.ts";

const JOBS = `${ORCHESTRATOR}/jobs`;

Deno.test("invalid fields are 422 with the path of each", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const cases: [Record<string, unknown>, string[]][] = [
    [{ agent_type: "source" }, ["agent_type"]],
    [{ agent_type: undefined }, ["agent_type"]],
    [{ name: "  " }, ["name"]],
    // A terminal would execute these sequences, and SQLite cuts a text at NUL.
    [{ name: "a\u001b[2Jb" }, ["name"]],
    [{ name: "a\0b" }, ["name"]],
    [{ name: "half a pair: \ud83d" }, ["name"]],
    [{ name: 3, host_id: "h 1" }, ["name", "host_id"]],
    [{ host_id: "h".repeat(257) }, ["host_id"]],
    [{ run_limit_seconds: 0 }, ["run_limit_seconds"]],
    [{ run_limit_seconds: 1.5 }, ["run_limit_seconds"]],
    [{ schedule: "hourly" }, ["schedule"]],
    [{ parameters: { connectors: [] } }, ["parameters.connectors"]],
    [{ parameters: { connectors: ["ok", "--rm"] } }, ["parameters.connectors.1"]],
    [{ parameters: { connectors: ["ok"], connection_name: "../x" } }, [
      "parameters.connection_name",
    ]],
    [{ agent_type: "datahealth" }, ["parameters.file_name", "parameters.connectors"]],
  ];
  for (const [changes, paths] of cases) {
    const answer = await plane.call("POST", JOBS, { body: { ...LINEAGE_JOB, ...changes } });
    assert.deepEqual(refusal(answer), { status: 422, code: "invalid_input", paths });
  }
  const { body } = await plane.call("POST", JOBS, { body: { ...LINEAGE_JOB, cron: "*" } });
  assert.deepEqual(body.details[0], { path: "cron", message: "is not a known field" });
});

Deno.test("unknown and invalid filters of the run history are 422", async () => {
  await using plane = await testPlane();
  const cases: [string, string][] = [
    ["statuz=failed", "statuz"],
    ["status=lost", "status"],
    ["agent_type=source", "agent_type"],
    ["pageSize=0", "pageSize"],
    ["pageSize=201", "pageSize"],
    ["cursor=AAAA", "cursor"],
    ["cursor=%25", "cursor"],
    ["pageSize=5&pageSize=6", "pageSize"],
    ["status=failed&status=succeeded", "status"],
  ];
  for (const [query, path] of cases) {
    const answer = await plane.call("GET", `${ORCHESTRATOR}/runs?${query}`);
    assert.deepEqual(refusal(answer), { status: 422, code: "invalid_input", paths: [path] });
  }
});

Deno.test("an unknown id is 404 with a code for its kind", async () => {
  await using plane = await testPlane();
  const unknown = "00000000-0000-4000-8000-000000000000";
  const cases: [string, string, string][] = [
    ["GET", `${ORCHESTRATOR}/hosts/${unknown}`, "host_not_found"],
    ["GET", `${JOBS}/${unknown}`, "job_not_found"],
    ["DELETE", `${JOBS}/${unknown}`, "job_not_found"],
    ["POST", `${JOBS}/${unknown}/runs`, "job_not_found"],
    ["GET", `${ORCHESTRATOR}/runs/${unknown}`, "run_not_found"],
    ["POST", `${ORCHESTRATOR}/runs/${unknown}/cancel`, "run_not_found"],
    ["DELETE", `${API}/agent-api-keys/${unknown}`, "api_key_not_found"],
    ["GET", `${API}/nothing`, "route_unknown"],
    ["GET", "/", "route_unknown"],
  ];
  for (const [method, path, code] of cases) {
    const answer = await plane.call(method, path, { headers: ANY });
    assert.deepEqual(refusal(answer), { status: 404, code, paths: [] });
  }
  const patch = await plane.call("PATCH", `${JOBS}/${unknown}`, { body: {}, headers: ANY });
  assert.deepEqual(refusal(patch), { status: 404, code: "job_not_found", paths: [] });
});

Deno.test("a known path with a wrong method is 405 and lists the allowed methods", async () => {
  await using plane = await testPlane();
  const answer = await plane.call("PUT", JOBS, { body: {} });
  assert.deepEqual(refusal(answer), { status: 405, code: "method_not_allowed", paths: [] });
  assert.equal(answer.headers.get("allow"), "GET, POST");
});

// Attacker: a member, a host with an agent key, or a program with an integration key.
Deno.test("a change without an admin's key is 403 and changes nothing", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  await plane.addHost("idle-1");
  const job = await plane.addJob();
  const run = await plane.trigger(job.id);
  const [key] = await plane.store.keys.list("account");
  const attempts: [string, string, unknown?][] = [
    ["POST", JOBS, LINEAGE_JOB],
    ["PATCH", `${JOBS}/${job.id}`, { name: "stolen" }],
    ["DELETE", `${JOBS}/${job.id}`],
    ["POST", `${JOBS}/${job.id}/runs`],
    ["POST", `${ORCHESTRATOR}/runs/${run.id}/cancel`],
    ["DELETE", `${ORCHESTRATOR}/hosts/idle-1`],
    ["POST", `${API}/agent-api-keys`, { name: "mine" }],
    ["DELETE", `${API}/agent-api-keys/${key?.id}`],
    ["PUT", `${API}/agent/public-key`, { publicKey: "x" }],
  ];
  // Each change adds an entry to the audit log.
  const changes = () => plane.store.audit.list({ limit: 100 });
  const before = await changes();
  for (const as of ["member", "agent", "integration"] satisfies Key[]) {
    for (const [method, path, body] of attempts) {
      const answer = await plane.call(method, path, { as, body });
      assert.deepEqual([method, path, refusal(answer)], [method, path, {
        status: 403,
        code: "admin_key_required",
        paths: [],
      }]);
    }
  }
  assert.deepEqual(await changes(), before);
});

// Attacker: has no key, and probes which bodies and ids are valid.
Deno.test("without a key a malformed body is 401", async () => {
  await using plane = await testPlane();
  const answer = await plane.call("POST", JOBS, { as: "none", body: "{" });
  assert.deepEqual(refusal(answer), { status: 401, code: "unauthenticated", paths: [] });
});

Deno.test("a bug is 500 without details, and is logged", async () => {
  const plane = await testPlane();
  await plane[Symbol.asyncDispose]();
  const { status, body } = await plane.call("GET", "/healthz");
  assert.deepEqual([status, body.code, JSON.stringify(body).includes("driver")], [
    500,
    "internal",
    false,
  ]);
  assert.deepEqual(plane.complaints, ["error request failed"]);
});

Deno.test("the authentication scheme is case-insensitive", async () => {
  await using plane = await testPlane();
  const headers = { authorization: `APIKEY ${plane.keys.admin}` };
  assert.equal((await plane.call("GET", JOBS, { as: "none", headers })).status, 200);
});

Deno.test("HEAD is answered like GET, without a body", async () => {
  await using plane = await testPlane();
  const { status, body } = await plane.call("HEAD", JOBS);
  assert.deepEqual([status, body], [200, undefined]);
});
