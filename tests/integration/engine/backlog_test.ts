/** A host that restarts with a backlog, with a real Temporal server and the real Docker Engine. */

import assert from "node:assert/strict";
import type { DispatchableRun } from "../../../control_plane/store/mod.ts";
import { importKey } from "../../../lib/crypto/keys.ts";
import { systemClock } from "../../../lib/system/process.ts";
import { Deferred } from "../../../orchestrator/run/run.ts";
import { type EventLog, eventLog } from "../../harness/time/event_log.ts";
import { signedOrder } from "../../fakes/host/signed_order.ts";
import {
  CANCELED_BEFORE,
  newHostId,
  sharedWorld,
  test,
  withoutTime,
} from "../../harness/temporal/over_temporal.ts";
import { serveWork } from "../../harness/temporal/host_work.ts";
import { queuedRun } from "../../harness/temporal/plane.ts";
import { type ServedHost, servedHost } from "./served_host.ts";

const world = sharedWorld();

const says = (...connectors: string[]): Partial<DispatchableRun> => ({
  job_id: crypto.randomUUID(),
  task: { agent_type: "lineage", parameters: { connectors } },
});

/** Returns the highest number of containers that ran at the same time until the work was done. */
async function mostAtOnce(host: ServedHost, work: Promise<unknown>): Promise<number> {
  let isOver = false;
  work.finally(() => isOver = true).catch(() => {});
  let most = 0;
  while (!isOver) {
    most = Math.max(most, await host.running());
    await systemClock.sleep(25);
  }
  return most;
}

test("after a restart a host adopts its detached runs before it accepts new ones", async () => {
  const { outbox, trigger } = world.plane;
  await using host = await servedHost(world);
  const begin = (change: Partial<DispatchableRun>) => trigger(host.hostId, "succeeds", change);
  const first = [
    begin(says("runs-8", "exit-0")),
    begin({ ...says("runs"), run_limit_seconds: 8 }),
  ];
  const backlog: string[] = [];
  {
    await using _life = host.start();
    while (await host.running() < 2) await systemClock.sleep(25);
    backlog.push(begin(says("runs-1", "exit-0")), begin(says("runs-1", "exit-3")));
    await Promise.all(backlog.map(outbox.dispatched));
  }
  assert.equal(await host.running(), 2);
  await using _life = host.start();
  const outcomes = Promise.all([...first, ...backlog].map(outbox.ended));
  assert.equal(await mostAtOnce(host, outcomes), 2);
  assert.deepEqual((await outcomes).map(({ status, reason }) => [status, reason]), [
    ["succeeded", undefined],
    ["timed_out", "run_limit"],
    ["succeeded", undefined],
    ["failed", "exit_nonzero"],
  ]);
});

/** Starts a host that defers every order. `offers` records each attempt. */
function busyHost(hostId: string, offers: EventLog): Promise<AsyncDisposable> {
  const { address, keys: { bigeye, company } } = world;
  const place = { address, hostId, company, bigeyePem: bigeye.publicPem, runSlots: 2 };
  return serveWork(place, () => ({
    runAgentJob(_signed, { attempt }) {
      offers.add(`attempt ${attempt}`);
      return Promise.reject(new Deferred());
    },
    cancelRun: () => Promise.resolve(),
    releaseRun: () => Promise.resolve(),
  }));
}

test("a run that is deferred repeatedly is canceled between two attempts", async () => {
  const hostId = newHostId();
  const offers = eventLog();
  await using _busy = await busyHost(hostId, offers);
  const run = world.plane.trigger(hostId, "succeeds");
  await offers.until("attempt 3");
  world.plane.cancel(run);
  assert.deepEqual(withoutTime(await world.plane.outbox.ended(run)), CANCELED_BEFORE);
});

test("a run that was deferred by a host that then went offline ends as host_unavailable", async () => {
  const hostId = newHostId();
  const queued = queuedRun(hostId, "succeeds");
  const { created_at, ...run } = queued;
  const { run_id, installation_id, run_limit_seconds } = run;
  const order = { ...run, issued_at: created_at, expires_at: created_at };
  const signed = await signedOrder(order, await importKey(world.keys.bigeye.privatePem, "sign"));
  {
    const offers = eventLog();
    await using _busy = await busyHost(hostId, offers);
    await using other = await world.host(newHostId());
    const input = { run_id, host_id: hostId, installation_id, run_limit_seconds };
    await other.client.start({ ...input, host_wait_seconds: 5, signed });
    await offers.until("attempt 7"); // longer than the wait, which starts again with each attempt
  }
  world.plane.outbox.add(queued);
  const { status, reason, phases } = await world.plane.outbox.ended(run_id);
  assert.deepEqual([status, reason, phases], ["timed_out", "host_unavailable", []]);
});
