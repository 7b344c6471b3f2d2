/** Heartbeats over REST: the state of a host, its report, and whose heartbeats are accepted. */

import assert from "node:assert/strict";
import {
  CREDENTIALS,
  ORCHESTRATOR,
  refusal,
  testPlane,
} from "../../../fakes/control_plane/plane.ts";
import {
  heartbeat,
  INSTALLATION,
  registration,
  STRANGER,
} from "../../../fakes/control_plane/registration.ts";

const REGISTER = `${ORCHESTRATOR}/register`;
const HEARTBEAT = `${ORCHESTRATOR}/heartbeat`;

Deno.test("a heartbeat returns the server's time, and the host becomes late and then offline", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const answer = await plane.call("POST", HEARTBEAT, {
    as: "agent",
    headers: { "X-Bigeye-Agent-Installation": INSTALLATION },
    body: { hostId: "h-1", orchestratorVersion: "1.0.1", configHash: "c0ffee" },
  });
  assert.deepEqual(
    [answer.status, answer.body],
    [200, { serverTime: "2026-01-01T00:00:00.000Z" }],
  );
  const seen: string[] = [];
  for (const ms of [30_000, 1, 90_000 - 1, 1]) {
    plane.clock.advance(ms);
    seen.push((await plane.call("GET", `${ORCHESTRATOR}/hosts/h-1`)).body.state);
  }
  assert.deepEqual(seen, ["online", "late", "late", "offline"]);
});

Deno.test("a draining host is offline without being late first, and online with the next heartbeat", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const beat = (report: Record<string, unknown>) =>
    plane.call("POST", HEARTBEAT, { as: "agent", ...heartbeat("h-1", report) });
  const seen: string[] = [];
  const look = async () =>
    void seen.push((await plane.call("GET", `${ORCHESTRATOR}/hosts/h-1`)).body.state);
  await beat({ draining: true });
  for (const ms of [30_000, 1]) {
    plane.clock.advance(ms);
    await look();
  }
  await beat({});
  await look();
  assert.deepEqual(seen, ["draining", "offline", "online"]);
});

Deno.test("the last report of a host is shown until another installation replaces it", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const shownAfter = async (report: Record<string, unknown>) => {
    const beat = heartbeat("h-1", report);
    const { status } = await plane.call("POST", HEARTBEAT, { as: "agent", ...beat });
    const { body: host } = await plane.call("GET", `${ORCHESTRATOR}/hosts/h-1`);
    return [status, host.report];
  };
  const report = {
    activeRuns: ["r-1"],
    diskFreeBytes: 52_613_349_376,
    clockSkewMs: -1_500,
    complaint: { at: "2026-01-01T00:00:00.000Z", message: "temporal is not reachable" },
  };
  assert.deepEqual(await shownAfter(report), [200, report]);
  assert.deepEqual(await shownAfter({}), [200, { activeRuns: [] }]);
  assert.deepEqual(await shownAfter({ ...report, diskFreeBytes: -1 }), [422, { activeRuns: [] }]);
  // The page of hosts could not show an invalid time.
  const complaint = { at: "2026-01-01T00:00:00+01", message: "a trap" };
  assert.deepEqual(await shownAfter({ complaint }), [422, { activeRuns: [] }]);
  await plane.call("POST", REGISTER, registration({ installation_id: STRANGER, replace: true }));
  const { body: host } = await plane.call("GET", `${ORCHESTRATOR}/hosts/h-1`);
  assert.equal(host.report, undefined);
});

Deno.test("a heartbeat of an unknown host or from another installation is refused", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const beat = (id: string) => {
    const options = heartbeat(id, {}, { installation: STRANGER });
    return plane.call("POST", HEARTBEAT, { as: "agent", ...options });
  };
  assert.deepEqual(refusal(await beat("h-1")), {
    status: 409,
    code: "host_owned_elsewhere",
    paths: [],
  });
  assert.deepEqual(refusal(await beat("h-2")), {
    status: 404,
    code: "host_not_found",
    paths: [],
  });
});

// Attacker: has stolen an agent key, and requests the certificate of a host.
Deno.test("credentials are returned to a registration, and to a heartbeat of the owner that requests them", async () => {
  await using plane = await testPlane();
  const registered = await plane.call("POST", REGISTER, registration({ host_id: "tls-1" }));
  const beat = (installation: string, renewCertificate: boolean) => {
    const options = heartbeat("tls-1", {}, { installation, renewCertificate });
    return plane.call("POST", HEARTBEAT, { as: "agent", ...options });
  };
  const credentials = ({ body }: { body: Record<string, unknown> }) =>
    Object.fromEntries(Object.keys(CREDENTIALS).map((name) => [name, body[name]]));
  const none = { clientCertificate: undefined, caCertificate: undefined };
  assert.deepEqual([
    credentials(registered),
    credentials(await beat(INSTALLATION, false)),
    credentials(await beat(INSTALLATION, true)),
    credentials(await beat(STRANGER, true)),
  ], [CREDENTIALS, none, CREDENTIALS, none]);
});

// Attacker: has stolen an agent key, and sends control sequences to an admin's terminal, or a huge text.
Deno.test("a heartbeat with a long engine version or control characters is refused", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  for (const engineVersion of ["20.10\u001b[2J", "x".repeat(201)]) {
    const options = heartbeat("h-1", {}, { engineVersion });
    const answer = await plane.call("POST", HEARTBEAT, { as: "agent", ...options });
    assert.deepEqual(refusal(answer), {
      status: 422,
      code: "invalid_input",
      paths: ["engineVersion"],
    });
  }
});
