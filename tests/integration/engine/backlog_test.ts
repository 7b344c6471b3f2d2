/** A host that restarts with a backlog, with a real Temporal server and the real Docker Engine. */

import assert from "node:assert/strict";
import type { DispatchableRun } from "../../../control_plane/store/mod.ts";
import { importKey } from "../../../lib/crypto/keys.ts";
import { systemClock } from "../../../lib/system/process.ts";
import { createEnvelopeCodec } from "../../../lib/temporal/payloads/codec.ts";
import { createRunClient } from "../../../lib/temporal/run_client.ts";
import { Deferred } from "../../../orchestrator/run/run.ts";
import { startHostWorkers } from "../../../orchestrator/host/worker.ts";
import { eventLog } from "../../harness/time/event_log.ts";
import { signedOrder } from "../../fakes/host/signed_order.ts";
import {
  CANCELED_BEFORE,
  newHostId,
  sharedWorld,
  test,
  withoutTime,
} from "../../harness/temporal/over_temporal.ts";
import { queuedRun } from "../../harness/temporal/plane.ts";
import { type ServedHost, servedHost } from "./served_host.ts";
import { connected } from "../../harness/temporal/server.ts";

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

/** A host that defers every order, and records each attempt. */
async function busyHost(hostId: string) {
  const offers = eventLog();
  const connection = await connected(world.address);
  const codec = createEnvelopeCodec({
    privatePem: world.keys.company.privatePem,
    recipients: () => Promise.resolve([world.keys.bigeye.publicPem]),
    clock: systemClock,
  });
  const workers = await startHostWorkers({
    connection,
    namespace: "default",
    codec,
    hostId,
    runSlots: 2,
    work: {
      runAgentJob(_signed, { attempt }) {
        offers.add(`attempt ${attempt}`);
        return Promise.reject(new Deferred());
      },
      cancelRun: () => Promise.resolve(),
      releaseRun: () => Promise.resolve(),
    },
  });
  const stop = new AbortController();
  const running = workers.run(stop.signal);
  return {
    offers,
    client: createRunClient(connection, { namespace: "default", codec, clock: systemClock }),
    async [Symbol.asyncDispose]() {
      stop.abort(new Error("the host stops"));
      await running;
      await connection.close();
    },
  };
}

test("a run that is deferred repeatedly is canceled between two attempts", async () => {
  const hostId = newHostId();
  await using busy = await busyHost(hostId);
  const run = world.plane.trigger(hostId, "succeeds");
  await busy.offers.until("attempt 3");
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
    await using busy = await busyHost(hostId);
    const input = { run_id, host_id: hostId, installation_id, run_limit_seconds };
    await busy.client.start({ ...input, host_wait_seconds: 5, signed });
    await busy.offers.until("attempt 7"); // longer than the wait, which starts again with each attempt
  }
  world.plane.outbox.add(queued);
  const { status, reason, phases } = await world.plane.outbox.ended(run_id);
  assert.deepEqual([status, reason, phases], ["timed_out", "host_unavailable", []]);
});
