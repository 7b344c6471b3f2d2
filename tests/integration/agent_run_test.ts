/** Runs over a real Temporal server: the plane's own worker and dispatcher, and hosts without Docker. */

import assert from "node:assert/strict";
import type { AgentRunInput, RunOrder } from "../../lib/contract/dispatch.ts";
import type { RunOutcome } from "../../lib/contract/run.ts";
import { generateKeyPair, importKey } from "../../lib/keys.ts";
import { signOrder } from "../../lib/order.ts";
import { CANCELED, emptyDisk, FAILED, PHASES, SUCCEEDED } from "./support/fake_host.ts";
import { queuedRun, startPlane } from "./support/plane.ts";
import { freeAddress, startTemporalServer } from "./support/temporal_server.ts";
import { host, startWorld, type World } from "./support/world.ts";

let world: World;
Deno.test.beforeAll(async () => {
  world = await startWorld();
});
Deno.test.afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

/** The native worker keeps its threads and callbacks beyond a test. */
function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

const newHostId = () => `host-${crypto.randomUUID()}`;
const withoutTime = ({ ended_at: _, ...outcome }: RunOutcome) => outcome;

/** An order as the dispatcher makes it, to be spoilt by a test, and the input that carries it. */
async function orderFor(hostId: string, changes: Partial<RunOrder> = {}): Promise<AgentRunInput> {
  const { created_at, ...run } = queuedRun(hostId, "succeeds");
  const order = { ...run, issued_at: created_at, expires_at: created_at, ...changes };
  const key = await importKey(world.keys.bigeye.privatePem, "sign");
  const { run_id, run_limit_seconds } = run;
  const signed = await signOrder(order, key);
  return { run_id, host_id: hostId, run_limit_seconds, host_wait_seconds: 60, signed };
}

/** Starts a workflow past the dispatcher; queueing its run afterwards starts it a second time. */
async function startedPastDispatcher(input: AgentRunInput): Promise<RunOutcome> {
  await using caller = await world.host(newHostId());
  await caller.client.start(input);
  world.plane.outbox.add({ ...queuedRun(input.host_id, "succeeds"), run_id: input.run_id });
  return await world.plane.outbox.ended(input.run_id);
}

test("a run that succeeds is recorded once, with its phases, and released", async () => {
  const [hostId, disk] = [newHostId(), emptyDisk()];
  await using _host = await world.host(hostId, disk);
  const run = world.plane.trigger(hostId, "succeeds");
  assert.deepEqual(await world.plane.outbox.ended(run), SUCCEEDED);
  await disk.log.until(`release ${run}`);
  assert.deepEqual(disk.log.events, [`run ${run} 1`, `accepted ${run}`, `release ${run}`]);
  assert.deepEqual(world.plane.outbox.outcomes(run), [SUCCEEDED]);
});

test("a failure arrives as the host tells it", async () => {
  const hostId = newHostId();
  await using _host = await world.host(hostId);
  const run = world.plane.trigger(hostId, "fails");
  assert.deepEqual(await world.plane.outbox.ended(run), FAILED);
});

test("a run that no host has taken is canceled within 2 s, and never starts", async () => {
  const [hostId, disk] = [newHostId(), emptyDisk()];
  const run = world.plane.trigger(hostId, "succeeds");
  await world.plane.outbox.dispatched(run);
  const since = performance.now();
  world.plane.cancel(run);
  assert.deepEqual(withoutTime(await world.plane.outbox.ended(run)), {
    status: "canceled",
    reason: "canceled_by_user",
    message: "Canceled before the host started it",
    phases: [],
  });
  assert.ok(performance.now() - since < 2_000);

  await using _host = await world.host(hostId, disk);
  const next = world.plane.trigger(hostId, "succeeds");
  await world.plane.outbox.ended(next);
  assert.deepEqual(disk.log.events.slice(0, 2), [`run ${next} 1`, `accepted ${next}`]);
});

test("a running run is canceled when the host says so", async () => {
  const [hostId, disk] = [newHostId(), emptyDisk()];
  await using _host = await world.host(hostId, disk);
  const run = world.plane.trigger(hostId, "runs until canceled");
  await disk.log.until(`accepted ${run}`);
  world.plane.cancel(run);
  assert.deepEqual(await world.plane.outbox.ended(run), CANCELED);
  assert.ok(disk.log.events.includes(`cancel ${run}`));
});

test("a cancel that meets the end of the run keeps the truth", async () => {
  const [hostId, disk] = [newHostId(), emptyDisk()];
  await using _host = await world.host(hostId, disk);
  const run = world.plane.trigger(hostId, "ends as it is canceled");
  await disk.log.until(`accepted ${run}`);
  world.plane.cancel(run);
  assert.deepEqual(await world.plane.outbox.ended(run), SUCCEEDED);
});

test("phases are on record while the run goes on", async () => {
  const [hostId, disk] = [newHostId(), emptyDisk()];
  await using _host = await world.host(hostId, disk);
  const run = world.plane.trigger(hostId, "runs until canceled");
  assert.deepEqual(await world.plane.outbox.phasesOf(run), PHASES);
  world.plane.cancel(run);
  await world.plane.outbox.ended(run);
});

test("a run that no host takes in time ends as host unavailable", async () => {
  const input = { ...await orderFor(newHostId()), host_wait_seconds: 1 };
  assert.deepEqual(withoutTime(await startedPastDispatcher(input)), {
    status: "timed_out",
    reason: "host_unavailable",
    message: "No host took the run in time. Check that the host is online and has room for it",
    phases: [],
  });
});

test("a service that stops hands its run back, and the next one adopts it", async () => {
  const [hostId, disk] = [newHostId(), emptyDisk()];
  let run: string;
  {
    await using _host = await world.host(hostId, disk);
    run = world.plane.trigger(hostId, "runs until the service stops");
    await disk.log.until(`accepted ${run}`);
  }
  await using _host = await world.host(hostId, disk);
  assert.deepEqual(await world.plane.outbox.ended(run), SUCCEEDED);
  assert.ok(disk.log.events.includes(`run ${run} 2`));
});

test("a store that is away for a while gets the outcome once", async () => {
  const hostId = newHostId();
  await using _host = await world.host(hostId);
  world.plane.outbox.failWrites(4);
  const run = world.plane.trigger(hostId, "succeeds");
  assert.deepEqual(await world.plane.outbox.ended(run), SUCCEEDED);
  assert.deepEqual(world.plane.outbox.outcomes(run), [SUCCEEDED]);
});

test("a timer within an activity fires on time", async () => {
  const hostId = newHostId();
  await using _host = await world.host(hostId);
  const run = world.plane.trigger(hostId, "sets a timer");
  assert.deepEqual(await world.plane.outbox.ended(run), SUCCEEDED);
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
  const keys = { ...world.keys, company: await generateKeyPair() };
  await using _host = await host(world.address, keys, { hostId, disk: emptyDisk() });
  const run = world.plane.trigger(hostId, "succeeds");
  assert.deepEqual(withoutTime(await world.plane.outbox.ended(run)), {
    status: "failed",
    reason: "policy_denied",
    message: "Cannot read a payload: it is not sealed for this side",
    phases: [],
  });
});

test("a run has ended for the host once its workflow has, or was never there", async () => {
  const [hostId, disk] = [newHostId(), emptyDisk()];
  await using onHost = await world.host(hostId, disk);
  const run = world.plane.trigger(hostId, "runs until canceled");
  await disk.log.until(`accepted ${run}`);
  assert.equal(await onHost.client.isClosed(run), false);
  assert.equal(await onHost.client.isClosed(crypto.randomUUID()), true);
  world.plane.cancel(run);
  await world.plane.outbox.ended(run);
});

test("a host cannot report on a run that is not there", async () => {
  await using onHost = await world.host(newHostId());
  await assert.rejects(onHost.client.signalPhases(crypto.randomUUID(), PHASES), {
    code: "run_closed",
  });
});

test("a run that is triggered while Temporal is down is dispatched when it is back", async () => {
  const address = freeAddress();
  const hostId = newHostId();
  await using plane = startPlane(address, world.keys);
  const run = plane.trigger(hostId, "succeeds");
  await using _server = startTemporalServer(address);
  await using _host = await host(address, world.keys, { hostId, disk: emptyDisk() });
  assert.deepEqual(await plane.outbox.ended(run), SUCCEEDED);
});
