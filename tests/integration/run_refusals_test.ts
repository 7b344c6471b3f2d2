/** Orders that a host refuses and outcomes that the plane refuses, over a real Temporal server, and what that server sees of a run. */

import assert from "node:assert/strict";
import { Client } from "@temporalio/client";
import type { AgentRunInput, RunOrder } from "../../lib/contract/dispatch.ts";
import type { RunOutcome } from "../../lib/contract/run.ts";
import { runWorkflowId } from "../../lib/contract/temporal_names.ts";
import { importKey } from "../../lib/crypto/keys.ts";
import { ENVELOPE_ENCODING } from "../../lib/temporal/payloads/codec.ts";
import { STRANGER } from "../fakes/keys/key_pairs.ts";
import { signedOrder } from "../fakes/host/signed_order.ts";
import { CANCELED, emptyDisk, SUCCEEDED } from "../harness/temporal/fake_host.ts";
import { newHostId, sharedWorld, test, withoutTime } from "./support/over_temporal.ts";
import { queuedRun } from "../harness/temporal/plane.ts";
import { connected } from "../harness/temporal/server.ts";
import { host } from "../harness/temporal/world.ts";

const world = sharedWorld();

/** An order as the dispatcher makes it, to be spoilt by a test, and the input that carries it. */
async function orderFor(hostId: string, changes: Partial<RunOrder> = {}): Promise<AgentRunInput> {
  const { created_at, ...run } = queuedRun(hostId, "succeeds");
  const order = { ...run, issued_at: created_at, expires_at: created_at, ...changes };
  const key = await importKey(world.keys.bigeye.privatePem, "sign");
  const { run_id, installation_id, run_limit_seconds } = run;
  const signed = await signedOrder(order, key);
  const input = { run_id, host_id: hostId, installation_id, run_limit_seconds };
  return { ...input, host_wait_seconds: 60, signed };
}

/** Starts a workflow past the dispatcher; queueing its run afterwards starts it a second time. */
async function startedPastDispatcher(input: AgentRunInput): Promise<RunOutcome> {
  await using caller = await world.host(newHostId());
  await caller.client.start(input);
  world.plane.outbox.add({ ...queuedRun(input.host_id, "succeeds"), run_id: input.run_id });
  return await world.plane.outbox.ended(input.run_id);
}

test("a run that no host takes in time ends as host unavailable", async () => {
  const input = { ...await orderFor(newHostId()), host_wait_seconds: 1 };
  assert.deepEqual(withoutTime(await startedPastDispatcher(input)), {
    status: "timed_out",
    reason: "host_unavailable",
    message: "No host took the run in time. Check that the host is online and has room for it",
    phases: [],
  });
});

test("an order that was changed is refused by the host, in sealed words", async () => {
  // Somebody who can start workflows, and holds no signing key, edits the job of a recorded order.
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

test("an order for another host is refused, though Bigeye signed it", async () => {
  // Somebody starts a workflow that puts the order of one host on the queue of another.
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

test("a host without the company's key reads no order, and the run ends at once", async () => {
  // Somebody polls the queue of a host with a key of their own.
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

test("a success under another key than the company's fails its run, and frees its job", async () => {
  // Somebody who knows the public keys and can answer in a host's place reports a success of their own making.
  const [hostId, disk, signing] = [newHostId(), emptyDisk(), STRANGER];
  await using _forger = await host(world.address, world.keys, { hostId, disk, signing });
  const run = world.plane.trigger(hostId, "succeeds");
  assert.deepEqual(withoutTime(await world.plane.outbox.ended(run)), UNSIGNED);
  await disk.log.until(`release ${run}`);
  assert.equal(world.plane.outbox.outcomes(run).length, 1);
});

const SPOILT = {
  "is not sealed": () => undefined,
  "is sealed and no value": () => ({ metadata: { encoding: new TextEncoder().encode("odd") } }),
} as const;

for (const [what, spoil] of Object.entries(SPOILT)) {
  test(`a host whose every word ${what} ends its run, and holds up no workflow`, async () => {
    // Somebody who can write Temporal's store makes a result unreadable, to occupy a job for ever.
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

test("a list of phases that is too long for one call holds up no workflow", async () => {
  // Somebody who holds the company's key signals more stamps than a function takes arguments.
  const [hostId, disk] = [newHostId(), emptyDisk()];
  await using onHost = await world.host(hostId, disk);
  const run = world.plane.trigger(hostId, "runs until canceled");
  await disk.log.until(`accepted ${run}`);
  await onHost.client.signalPhases(run, JSON.parse(`[${"0,".repeat(400_000)}0]`));
  world.plane.cancel(run);
  assert.deepEqual(await world.plane.outbox.ended(run), CANCELED);
});

test("the success of an earlier run fails the run for which it is replayed", async () => {
  // Somebody who can write Temporal's store puts the recorded result of one run into another.
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

/** What the server itself writes of a recording of phases that the run's end has overtaken. */
const SERVERS_OWN = JSON.stringify({
  metadata: { encoding: btoa("json/plain") },
  data: btoa('"ACTIVITY_ID_NOT_STARTED"'),
});

test("Temporal's history of a run shows ids and codes, and no word of the run", async () => {
  // Somebody who reads Temporal's database looks for what runs where, and why it failed.
  const hostId = newHostId();
  await using _host = await world.host(hostId);
  const failing = world.plane.trigger(hostId, "fails");
  const refused = await orderFor(hostId, { host_id: "other" });
  await Promise.all([world.plane.outbox.ended(failing), startedPastDispatcher(refused)]);
  const connection = await connected(world.address);
  const { workflow } = new Client({ connection });
  for (const runId of [failing, refused.run_id]) {
    const { events } = await workflow.getHandle(runWorkflowId(runId)).fetchHistory();
    const seen = JSON.stringify(events).replaceAll(SERVERS_OWN, "");
    const encodings = seen.matchAll(/"encoding":"([^"]+)"/g).map(([, base64 = ""]) => atob(base64));
    assert.deepEqual([...new Set(encodings)], [ENVELOPE_ENCODING]);
    const words = /Nightly|file_name|exit 3|signature|Cannot|WORKFLOW_TASK_FAILED|\.ts:/;
    assert.equal(words.exec(seen)?.[0], undefined);
  }
  await connection.close();
});
