/** Two machines poll the queue of one host id, as after a replacement whose former machine is still alive. */

import assert from "node:assert/strict";
import { authenticOrder } from "../../lib/order.ts";
import { importKey } from "../../lib/keys.ts";
import { systemClock } from "../../lib/system.ts";
import { createEnvelopeCodec } from "../../lib/temporal/codec.ts";
import { ForeignOrder } from "../../orchestrator/foreign_order.ts";
import { startHostWorkers } from "../../orchestrator/worker.ts";
import { type EventLog, eventLog } from "../fakes/event_log.ts";
import { emptyDisk } from "./support/fake_host.ts";
import { newHostId, sharedWorld, test } from "./support/over_temporal.ts";
import { connected } from "./support/temporal_server.ts";

/** The machine that lost the host: no order is for it. */
async function formerMachine(hostId: string, log: EventLog): Promise<AsyncDisposable> {
  const { address, keys: { bigeye, company } } = world;
  const connection = await connected(address);
  const codec = createEnvelopeCodec({
    privatePem: company.privatePem,
    recipients: () => Promise.resolve([bigeye.publicPem, company.publicPem]),
    clock: systemClock,
  });
  const publicKey = await importKey(bigeye.publicPem, "verify");
  const stop = new AbortController();
  const workers = await startHostWorkers({
    connection,
    namespace: "default",
    codec,
    hostId,
    runSlots: 8,
    work: {
      async runAgentJob(signed) {
        const order = await authenticOrder(signed, { publicKey, hostId });
        log.add(`left ${order.run_id}`);
        throw new ForeignOrder(order);
      },
      cancelRun: () => Promise.resolve(),
      releaseRun: () => Promise.resolve(),
    },
  });
  const running = workers.run(stop.signal);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort(new Error("the machine stops"));
      await running;
      await connection.close();
    },
  };
}

const world = sharedWorld();

test("an order that the wrong machine has taken runs on the right one, once", async () => {
  const hostId = newHostId();
  const [log, disk] = [eventLog(), emptyDisk()];
  await using _former = await formerMachine(hostId, log);
  const run = world.plane.trigger(hostId, "succeeds");
  await log.until(`left ${run}`);
  await using _owner = await world.host(hostId, disk);
  const { status } = await world.plane.outbox.ended(run);
  const accepted = disk.log.events.filter((event) => event === `accepted ${run}`);
  assert.deepEqual([status, accepted.length], ["succeeded", 1]);
});

test("a run that only the wrong machine is offered can be canceled", async () => {
  const hostId = newHostId();
  const log = eventLog();
  await using _former = await formerMachine(hostId, log);
  const run = world.plane.trigger(hostId, "succeeds");
  await log.until(`left ${run}`);
  world.plane.cancel(run);
  const { status, reason } = await world.plane.outbox.ended(run);
  assert.deepEqual([status, reason], ["canceled", "canceled_by_user"]);
});
