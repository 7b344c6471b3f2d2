/** Runs through a real Temporal server, with the control plane's worker and dispatcher, and hosts without Docker. */

import assert from "node:assert/strict";
import {
  CANCELED,
  emptyDisk,
  FAILED,
  PHASES,
  SUCCEEDED,
} from "../../harness/temporal/fake_host.ts";
import { killableHost } from "../../harness/temporal/host_process.ts";
import {
  CANCELED_BEFORE,
  newHostId,
  sharedWorld,
  test,
  withoutTime,
} from "../../harness/temporal/over_temporal.ts";
import { startPlane } from "../../harness/temporal/plane.ts";
import { freeAddress, startTemporalServer } from "../../harness/temporal/server.ts";
import { host } from "../../harness/temporal/world.ts";

const world = sharedWorld();

test("a successful run is recorded once with its phases, and then released", async () => {
  const [hostId, disk] = [newHostId(), emptyDisk()];
  await using _host = await world.host(hostId, disk);
  const run = world.plane.trigger(hostId, "succeeds");
  assert.deepEqual(await world.plane.outbox.ended(run), SUCCEEDED);
  await disk.log.until(`release ${run}`);
  assert.deepEqual(disk.log.events, [`run ${run} 1`, `accepted ${run}`, `release ${run}`]);
  assert.deepEqual(world.plane.outbox.outcomes(run), [SUCCEEDED]);
});

test("a failed run has the outcome that its host reported", async () => {
  const hostId = newHostId();
  await using _host = await world.host(hostId);
  const run = world.plane.trigger(hostId, "fails");
  assert.deepEqual(await world.plane.outbox.ended(run), FAILED);
});

test("a run that no host has accepted is canceled without it and never starts", async () => {
  const [hostId, disk] = [newHostId(), emptyDisk()];
  const run = world.plane.trigger(hostId, "succeeds");
  await world.plane.outbox.dispatched(run);
  world.plane.cancel(run);
  assert.deepEqual(withoutTime(await world.plane.outbox.ended(run)), CANCELED_BEFORE);

  await using _host = await world.host(hostId, disk);
  const next = world.plane.trigger(hostId, "succeeds");
  await world.plane.outbox.ended(next);
  // The pushed cancel may still wait for the host. It starts nothing.
  const events = disk.log.events.filter((event) => event !== `cancel ${run}`);
  assert.deepEqual(events.slice(0, 2), [`run ${next} 1`, `accepted ${next}`]);
});

test("a running run is canceled when its host reports so", async () => {
  const [hostId, disk] = [newHostId(), emptyDisk()];
  await using _host = await world.host(hostId, disk);
  const run = world.plane.trigger(hostId, "runs until canceled");
  await disk.log.until(`accepted ${run}`);
  world.plane.cancel(run);
  assert.deepEqual(await world.plane.outbox.ended(run), CANCELED);
  assert.ok(disk.log.events.includes(`cancel ${run}`));
});

test("a run that succeeds while it is canceled is recorded as succeeded", async () => {
  const [hostId, disk] = [newHostId(), emptyDisk()];
  await using _host = await world.host(hostId, disk);
  const run = world.plane.trigger(hostId, "ends as it is canceled");
  await disk.log.until(`accepted ${run}`);
  world.plane.cancel(run);
  assert.deepEqual(await world.plane.outbox.ended(run), SUCCEEDED);
});

test("phases are recorded while the run is active", async () => {
  const [hostId, disk] = [newHostId(), emptyDisk()];
  await using _host = await world.host(hostId, disk);
  const run = world.plane.trigger(hostId, "runs until canceled");
  assert.deepEqual(await world.plane.outbox.phasesOf(run), PHASES);
  world.plane.cancel(run);
  await world.plane.outbox.ended(run);
});

test("a service that stops detaches from its run, and the next one adopts it", async () => {
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

test("a run whose host was killed is adopted by the next service after the heartbeat timeout of 12 s", async () => {
  const hostId = newHostId();
  const { address, keys } = world;
  const killable = await killableHost({ address, keys, hostId });
  const run = world.plane.trigger(hostId, "runs until the service stops");
  await killable.until(`accepted ${run}`);
  await killable.kill();
  await using _host = await world.host(hostId);
  assert.deepEqual(await world.plane.outbox.ended(run), SUCCEEDED);
});

test("an outcome is recorded once when the store fails for a while", async () => {
  const hostId = newHostId();
  await using _host = await world.host(hostId);
  world.plane.outbox.failWrites(4);
  const run = world.plane.trigger(hostId, "succeeds");
  assert.deepEqual(await world.plane.outbox.ended(run), SUCCEEDED);
  assert.deepEqual(world.plane.outbox.outcomes(run), [SUCCEEDED]);
});

test("a timer in an activity fires on time", async () => {
  const hostId = newHostId();
  await using _host = await world.host(hostId);
  const run = world.plane.trigger(hostId, "sets a timer");
  assert.deepEqual(await world.plane.outbox.ended(run), SUCCEEDED);
});

test("a host sees a run as closed when its workflow has ended or never existed", async () => {
  const [hostId, disk] = [newHostId(), emptyDisk()];
  await using onHost = await world.host(hostId, disk);
  const run = world.plane.trigger(hostId, "runs until canceled");
  await disk.log.until(`accepted ${run}`);
  assert.equal(await onHost.client.isClosed(run), false);
  assert.equal(await onHost.client.isClosed(crypto.randomUUID()), true);
  world.plane.cancel(run);
  await world.plane.outbox.ended(run);
});

test("a host cannot report on a run that does not exist", async () => {
  await using onHost = await world.host(newHostId());
  await assert.rejects(onHost.client.signalPhases(crypto.randomUUID(), PHASES), {
    code: "run_closed",
  });
});

test("a run that is triggered while Temporal is down is dispatched when it is up", async () => {
  const address = freeAddress();
  const hostId = newHostId();
  await using plane = startPlane(address, world.keys);
  const run = plane.trigger(hostId, "succeeds");
  await using _server = startTemporalServer(address);
  await using _host = await host(address, world.keys, { hostId, disk: emptyDisk() });
  assert.deepEqual(await plane.outbox.ended(run), SUCCEEDED);
});
