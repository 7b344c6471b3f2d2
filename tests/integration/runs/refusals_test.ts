/** Orders that a host refuses, outcomes that the control plane refuses, and what a real Temporal server sees of a run. */

import assert from "node:assert/strict";
import { Client } from "@temporalio/client";
import type { AgentRunInput, RunOrder } from "../../../lib/contract/dispatch.ts";
import type { RunOutcome } from "../../../lib/contract/run.ts";
import { runWorkflowId } from "../../../lib/contract/temporal_names.ts";
import { importKey } from "../../../lib/crypto/keys.ts";
import { ENVELOPE_ENCODING } from "../../../lib/temporal/payloads/codec.ts";
import { STRANGER } from "../../fakes/keys/key_pairs.ts";
import { signedOrder } from "../../fakes/host/signed_order.ts";
import { CANCELED, emptyDisk, SUCCEEDED } from "../../harness/temporal/fake_host.ts";
import { newHostId, sharedWorld, test, withoutTime } from "../../harness/temporal/over_temporal.ts";
import { queuedRun } from "../../harness/temporal/plane.ts";
import { connected } from "../../harness/temporal/server.ts";
import { host } from "../../harness/temporal/world.ts";

const world = sharedWorld();

/** Creates a workflow input with an order as the dispatcher does, with changes to the order. */
async function orderFor(hostId: string, changes: Partial<RunOrder> = {}): Promise<AgentRunInput> {
  const { created_at, ...run } = queuedRun(hostId, "succeeds");
  const order = { ...run, issued_at: created_at, expires_at: created_at, ...changes };
  const key = await importKey(world.keys.bigeye.privatePem, "sign");
  const { run_id, installation_id, run_limit_seconds } = run;
  const signed = await signedOrder(order, key);
  const input = { run_id, host_id: hostId, installation_id, run_limit_seconds };
  return { ...input, host_wait_seconds: 60, signed };
}

/** Starts a workflow without the dispatcher, then queues its run, which starts it a second time. */
async function startedPastDispatcher(input: AgentRunInput): Promise<RunOutcome> {
  await using caller = await world.host(newHostId());
  await caller.client.start(input);
  world.plane.outbox.add({ ...queuedRun(input.host_id, "succeeds"), run_id: input.run_id });
  return await world.plane.outbox.ended(input.run_id);
}

test("a run that no host accepts in time ends as host_unavailable", async () => {
  const input = { ...await orderFor(newHostId()), host_wait_seconds: 1 };
  assert.deepEqual(withoutTime(await startedPastDispatcher(input)), {
    status: "timed_out",
    reason: "host_unavailable",
    message: "No host took the run in time. Check that the host is online and has room for it",
    phases: [],
  });
});

test("a host refuses a changed order, and its message is encrypted", async () => {
  // Attacker: can start workflows, has no signing key, and edits the job in a recorded order.
  const hostId = newHostId();
  await using _host = await world.host(hostId);
  const input = await orderFor(hostId);
  const order = input.signed.order.replace("Nightly", "Hourly");
  const tampered = { ...input, signed: { ...input.signed, order } };
  assert.deepEqual(withoutTime(await startedPastDispatcher(tampered)), {
    status: "failed",
    reason: "policy_denied",
    message: "Cannot accept the run order: it does not carry Bigeye's signature",
    phases: [],
  });
});

test("a host refuses an order for another host, though Bigeye signed it", async () => {
  // Attacker: can start workflows, and puts the order of one host into the queue of another.
  const hostId = newHostId();
  await using _host = await world.host(hostId);
  const outcome = await startedPastDispatcher(await orderFor(hostId, { host_id: "other" }));
  assert.deepEqual(withoutTime(outcome), {
    status: "failed",
    reason: "policy_denied",
    message: `Cannot accept the run order: it is for host "other", and this is host "${hostId}"`,
    phases: [],
  });
});

test("a host without the company's key cannot read an order, and the run ends at once", async () => {
  // Attacker: polls the queue of a host with another key.
  const hostId = newHostId();
  const keys = { ...world.keys, company: STRANGER };
  await using _host = await host(world.address, keys, { hostId, disk: emptyDisk() });
  const run = world.plane.trigger(hostId, "succeeds");
  assert.deepEqual(withoutTime(await world.plane.outbox.ended(run)), {
    status: "failed",
    reason: "policy_denied",
    message: "Cannot read a payload: it is not sealed for this side",
    phases: [],
  });
});

const reportRefused = (why: string, hint: string) => ({
  status: "failed",
  reason: "policy_denied",
  message: `Cannot accept the report of how the run ended: ${why}. ${hint}`,
  phases: [],
});

const UNSIGNED = reportRefused(
  "its host's report does not carry the company's signature",
  'Compare agent_config/public.pem on the host with the key that "GET /api/v1/agent/public-key" ' +
    "answers, and bring host and control plane to the same version",
);

test("a success that is not signed with the company's key fails the run and releases it", async () => {
  // Attacker: knows the public keys, and can answer in place of a host.
  const [hostId, disk, signing] = [newHostId(), emptyDisk(), STRANGER];
  await using _forger = await host(world.address, world.keys, { hostId, disk, signing });
  const run = world.plane.trigger(hostId, "succeeds");
  assert.deepEqual(withoutTime(await world.plane.outbox.ended(run)), UNSIGNED);
  await disk.log.until(`release ${run}`);
  assert.equal(world.plane.outbox.outcomes(run).length, 1);
});

const UNREADABLE = {
  "are not encrypted": () => undefined,
  "have an unknown encoding": () => ({ metadata: { encoding: new TextEncoder().encode("odd") } }),
} as const;

for (const [what, spoil] of Object.entries(UNREADABLE)) {
  test(`a run whose host's payloads ${what} fails, and its workflow is not blocked`, async () => {
    // Attacker: can write to Temporal's store, and makes a result unreadable to block a job for ever.
    const hostId = newHostId();
    await using _host = await host(world.address, world.keys, {
      hostId,
      disk: emptyDisk(),
      spoil,
    });
    const run = world.plane.trigger(hostId, "succeeds");
    assert.deepEqual(withoutTime(await world.plane.outbox.ended(run)), UNSIGNED);
  });
}

test("a signal with a huge list of phases does not block the workflow", async () => {
  // Attacker: has the company's key, and signals more phases than a function call can have arguments.
  const [hostId, disk] = [newHostId(), emptyDisk()];
  await using onHost = await world.host(hostId, disk);
  const run = world.plane.trigger(hostId, "runs until canceled");
  await disk.log.until(`accepted ${run}`);
  await onHost.client.signalPhases(run, JSON.parse(`[${"0,".repeat(400_000)}0]`));
  world.plane.cancel(run);
  assert.deepEqual(await world.plane.outbox.ended(run), CANCELED);
});

test("a replayed success of another run fails the run", async () => {
  // Attacker: can write to Temporal's store, and copies the result of one run to another.
  const [hostId, disk] = [newHostId(), emptyDisk()];
  await using _host = await world.host(hostId, disk);
  const first = world.plane.trigger(hostId, "succeeds");
  assert.deepEqual(await world.plane.outbox.ended(first), SUCCEEDED);
  const second = world.plane.trigger(hostId, "replays an earlier end");
  assert.deepEqual(
    withoutTime(await world.plane.outbox.ended(second)),
    reportRefused(
      `the report is of run "${first}", and this is run "${second}"`,
      `Open agent_runs/${second} on the host and read there how the run ended`,
    ),
  );
});

/** The payload that the server itself writes when a run ends while its phases are being recorded. */
const PAYLOAD_OF_SERVER = JSON.stringify({
  metadata: { encoding: btoa("json/plain") },
  data: btoa('"ACTIVITY_ID_NOT_STARTED"'),
});

test("Temporal's history of a run contains ids and codes, and no readable text", async () => {
  // Attacker: can read Temporal's database, and looks for what runs where and why it failed.
  const hostId = newHostId();
  await using _host = await world.host(hostId);
  const failing = world.plane.trigger(hostId, "fails");
  const refused = await orderFor(hostId, { host_id: "other" });
  await Promise.all([world.plane.outbox.ended(failing), startedPastDispatcher(refused)]);
  const connection = await connected(world.address);
  const { workflow } = new Client({ connection });
  for (const runId of [failing, refused.run_id]) {
    const { events } = await workflow.getHandle(runWorkflowId(runId)).fetchHistory();
    const seen = JSON.stringify(events).replaceAll(PAYLOAD_OF_SERVER, "");
    const encodings = seen.matchAll(/"encoding":"([^"]+)"/g).map(([, base64 = ""]) => atob(base64));
    assert.deepEqual([...new Set(encodings)], [ENVELOPE_ENCODING]);
    const words = /Nightly|file_name|exit 3|signature|Cannot|WORKFLOW_TASK_FAILED|\.ts:/;
    assert.equal(words.exec(seen)?.[0], undefined);
  }
  await connection.close();
});
