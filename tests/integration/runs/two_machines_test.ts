/** Two machines that poll the queue of one host id, as after a replacement while the former machine is still up. */

import assert from "node:assert/strict";
import type { ControlRequest } from "../../../lib/contract/dispatch.ts";
import { authenticOrder } from "../../../lib/crypto/signed_order.ts";
import { importKey } from "../../../lib/crypto/keys.ts";
import { ForeignRun } from "../../../orchestrator/run/run.ts";
import { type EventLog, eventLog } from "../../harness/time/event_log.ts";
import { emptyDisk } from "../../harness/temporal/fake_host.ts";
import { serveWork } from "../../harness/temporal/host_work.ts";
import { newHostId, sharedWorld, test } from "../../harness/temporal/over_temporal.ts";

/** The machine that has lost the host id. No order and no cancel is for it. */
async function formerMachine(hostId: string, log: EventLog): Promise<AsyncDisposable> {
  const { address, keys: { bigeye, company } } = world;
  const publicKey = await importKey(bigeye.publicPem, "verify");
  const leave = (what: string, run: ControlRequest): never => {
    log.add(`left ${what} ${run.run_id}`);
    throw new ForeignRun(run);
  };
  const place = { address, hostId, company, bigeyePem: bigeye.publicPem, runSlots: 8 };
  return await serveWork(place, () => ({
    async runAgentJob(signed) {
      const order = await authenticOrder(signed, { publicKey, hostId });
      return leave("order", order);
    },
    cancelRun: (request) => leave("cancel", request),
    releaseRun: (request) => leave("release", request),
  }));
}

const world = sharedWorld();

test("an order that the wrong machine received first runs on the right one, once", async () => {
  const hostId = newHostId();
  const [log, disk] = [eventLog(), emptyDisk()];
  await using _former = await formerMachine(hostId, log);
  const run = world.plane.trigger(hostId, "succeeds");
  await log.until(`left order ${run}`);
  await using _owner = await world.host(hostId, disk);
  const { status } = await world.plane.outbox.ended(run);
  const accepted = disk.log.events.filter((event) => event === `accepted ${run}`);
  assert.deepEqual([status, accepted.length], ["succeeded", 1]);
});

test("a run whose order only the wrong machine receives can be canceled", async () => {
  const hostId = newHostId();
  const log = eventLog();
  await using _former = await formerMachine(hostId, log);
  const run = world.plane.trigger(hostId, "succeeds");
  await log.until(`left order ${run}`);
  world.plane.cancel(run);
  const { status, reason } = await world.plane.outbox.ended(run);
  assert.deepEqual([status, reason], ["canceled", "canceled_by_user"]);
});

test("a cancel and a release that the wrong machine received first reach the right one", async () => {
  const hostId = newHostId();
  const [log, disk] = [eventLog(), emptyDisk()];
  let run: string;
  {
    await using _owner = await world.host(hostId, disk);
    run = world.plane.trigger(hostId, "runs until canceled");
    await disk.log.until(`accepted ${run}`);
  }
  await using _former = await formerMachine(hostId, log);
  world.plane.cancel(run);
  await log.until(`left cancel ${run}`);
  await using _owner = await world.host(hostId, disk);
  const { status, reason } = await world.plane.outbox.ended(run);
  assert.deepEqual([status, reason], ["canceled", "canceled_by_user"]);
  await disk.log.until(`release ${run}`);
});
