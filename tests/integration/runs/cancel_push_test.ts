/** A cancel is pushed to its host where Temporal has standalone activities, beside the workflow's own call. */

import assert from "node:assert/strict";
import { Client } from "@temporalio/client";
import { ApplicationFailure, type PayloadCodec } from "@temporalio/common";
import { createDispatcher } from "../../../control_plane/runs/dispatch.ts";
import { cancelActivityId, controlQueue } from "../../../lib/contract/temporal_names.ts";
import { systemClock } from "../../../lib/system/process.ts";
import { createCancelPush } from "../../../lib/temporal/cancel_push.ts";
import { createEnvelopeCodec } from "../../../lib/temporal/payloads/codec.ts";
import { createRunClient } from "../../../lib/temporal/run_client.ts";
import { type MemoryOutbox, memoryOutbox } from "../../fakes/control_plane/run_outbox.ts";
import { CANCELED, emptyDisk } from "../../harness/temporal/fake_host.ts";
import { newHostId, test } from "../../harness/temporal/over_temporal.ts";
import { KEYS, queuedRun, startPlane } from "../../harness/temporal/plane.ts";
import {
  connected,
  startTemporalServer,
  WITHOUT_STANDALONE_ACTIVITIES,
} from "../../harness/temporal/server.ts";
import { host, startWorld } from "../../harness/temporal/world.ts";

test("a host gets a cancel while nothing runs the workflows, and its outcome is recorded later", async () => {
  await using server = startTemporalServer();
  const [hostId, disk] = [newHostId(), emptyDisk()];
  await using _host = await host(server.address, KEYS, { hostId, disk });
  const run = queuedRun(hostId, "runs until canceled");
  {
    await using plane = startPlane(server.address, KEYS);
    plane.outbox.add(run);
    await disk.log.until(`accepted ${run.run_id}`);
  }
  {
    const outbox = memoryOutbox();
    outbox.add(run);
    await outbox.claim([run.run_id]);
    await outbox.markDispatched(run.run_id);
    outbox.askToCancel(run.run_id);
    await using _dispatching = await startDispatcherAlone(server.address, outbox);
    await disk.log.until(`cancel ${run.run_id}`);
    await outbox.canceling(run.run_id);
  }
  await using plane = startPlane(server.address, KEYS);
  plane.outbox.add(run);
  assert.deepEqual(await plane.outbox.ended(run.run_id), CANCELED);
});

test("where standalone activities are off, only the workflow sends the cancel", async () => {
  await using world = startWorld({ settings: [WITHOUT_STANDALONE_ACTIVITIES] });
  const [hostId, disk] = [newHostId(), emptyDisk()];
  await using _host = await world.host(hostId, disk);
  const run = world.plane.trigger(hostId, "runs until canceled");
  await disk.log.until(`accepted ${run}`);
  world.plane.cancel(run);
  assert.deepEqual(await world.plane.outbox.ended(run), CANCELED);
  await disk.log.until(`release ${run}`);
  assert.deepEqual(disk.log.events, [
    `run ${run} 1`,
    `accepted ${run}`,
    `cancel ${run}`,
    `release ${run}`,
  ]);
});

test("a host refuses a pushed cancel that is not encrypted, and the run goes on", async () => {
  // Attacker: can start activities in Temporal, and has no key.
  await using world = startWorld();
  const [hostId, disk] = [newHostId(), emptyDisk()];
  await using _host = await world.host(hostId, disk);
  const run = world.plane.trigger(hostId, "runs until canceled");
  await disk.log.until(`accepted ${run}`);
  const connection = await connected(world.address);
  try {
    // Reads the host's answer, and sends plain payloads.
    const codec: PayloadCodec = {
      ...planeCodec(),
      encode: (payloads) => Promise.resolve(payloads),
    };
    const { activity } = new Client({ connection, dataConverter: { payloadCodecs: [codec] } });
    const { installation_id } = queuedRun(hostId, "runs until canceled");
    const pushed = activity.execute("cancelRun", {
      id: cancelActivityId(run),
      taskQueue: controlQueue(hostId),
      args: [{ run_id: run, installation_id }],
      startToCloseTimeout: "30 s",
      retry: { maximumAttempts: 1 },
    });
    await assert.rejects(pushed, ({ cause }) => {
      assert.ok(cause instanceof ApplicationFailure);
      assert.equal(cause.type, "policy_denied");
      return true;
    });
  } finally {
    await connection.close();
  }
  assert.deepEqual(disk.log.events, [`run ${run} 1`, `accepted ${run}`]);
  // The forged cancel has the id of the real one. The workflow's way does not depend on it.
  world.plane.cancel(run);
  assert.deepEqual(await world.plane.outbox.ended(run), CANCELED);
});

function planeCodec(): PayloadCodec {
  const { bigeye, company } = KEYS;
  return createEnvelopeCodec({
    privatePem: bigeye.privatePem,
    recipients: () => Promise.resolve([bigeye.publicPem, company.publicPem]),
    clock: systemClock,
  });
}

/** Starts the control plane's dispatcher without its worker, so that no workflow makes progress. */
async function startDispatcherAlone(
  address: string,
  outbox: MemoryOutbox,
): Promise<AsyncDisposable> {
  const connection = await connected(address);
  const log = () => {};
  const needs = { namespace: "default", codec: planeCodec(), clock: systemClock, log };
  const dispatcher = createDispatcher({
    outbox,
    workflows: createRunClient(connection, needs),
    pushCancel: await createCancelPush(connection, needs),
    sign: () => Promise.resolve({ manifest: "", signature: "" }),
    hostWaitSeconds: 60,
    clock: systemClock,
    log,
  });
  const stop = new AbortController();
  const running = dispatcher.run(stop.signal);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort(new Error("the test ends"));
      await running;
      await connection.close();
    },
  };
}
