/** Attempts that are handed back to a real Temporal: by their token, and after `kill -9` of the orchestrator. */

import assert from "node:assert/strict";
import { Client } from "@temporalio/client";
import type { DispatchableRun } from "../../../control_plane/store/mod.ts";
import { runWorkflowId } from "../../../lib/contract/temporal_names.ts";
import { systemClock } from "../../../lib/system/process.ts";
import type { Attempt } from "../../../orchestrator/run/run.ts";
import { type FakeEngine, fakeEngine } from "../../fakes/docker/engine.ts";
import { writeHostFolder } from "../../harness/temporal/host_folder.ts";
import { serveWork } from "../../harness/temporal/host_work.ts";
import { newHostId, sharedWorld, test } from "../../harness/temporal/over_temporal.ts";
import { killableService } from "../../harness/temporal/serve_process.ts";
import { connected } from "../../harness/temporal/server.ts";

const world = sharedWorld();
const IMAGE = "fake/lineage:1";

/** A host whose attempts never end by themselves. `next` resolves with the next one that it gets. */
async function patientHost(hostId: string) {
  const { address, keys: { bigeye, company } } = world;
  let taken = Promise.withResolvers<Attempt>();
  const place = { address, hostId, company, bigeyePem: bigeye.publicPem, runSlots: 8 };
  const host = await serveWork(place, () => ({
    async runAgentJob(_signed, attempt) {
      taken.resolve(attempt);
      const beating = setInterval(attempt.heartbeat, 200);
      const { promise, reject } = Promise.withResolvers<never>();
      attempt.shutdown.addEventListener("abort", () => reject(attempt.shutdown.reason));
      return await promise.finally(() => clearInterval(beating));
    },
    cancelRun: () => Promise.resolve(),
    releaseRun: () => Promise.resolve(),
  }));
  return {
    handBack: host.handBack,
    async next() {
      const attempt = await taken.promise;
      taken = Promise.withResolvers();
      return attempt;
    },
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}

test("an attempt is handed back once by its token, and the next one begins", async () => {
  const hostId = newHostId();
  await using host = await patientHost(hostId);
  const run = world.plane.trigger(hostId, "succeeds");
  const { token, attempt } = await host.next();
  assert.equal(attempt, 1);
  assert.equal(await host.handBack(token), "handed back");
  assert.equal((await host.next()).attempt, 2);
  assert.equal(await host.handBack(token), "gone");
  world.plane.cancel(run);
});

test("an attempt whose cancel is requested is not handed back, because it would not be retried", async () => {
  const hostId = newHostId();
  await using host = await patientHost(hostId);
  const run = world.plane.trigger(hostId, "succeeds");
  const { token, signal } = await host.next();
  const canceled = new Promise((resolve) => signal.addEventListener("abort", resolve));
  world.plane.cancel(run);
  await canceled;
  assert.equal(await host.handBack(token), "left");
});

/** Returns the number of the run's last attempt and the failure of the one before, from the history. */
async function lastAttempt(runId: string) {
  const connection = await connected(world.address);
  try {
    const { workflow } = new Client({ connection });
    const { events } = await workflow.getHandle(runWorkflowId(runId)).fetchHistory();
    const started = (events ?? []).map((event) => event.activityTaskStartedEventAttributes)
      .find((attributes) => (attributes?.attempt ?? 0) > 1);
    const failure = started?.lastFailure;
    const type = failure?.timeoutFailureInfo ? "timeout" : failure?.applicationFailureInfo?.type;
    return { attempt: started?.attempt, type };
  } finally {
    await connection.close();
  }
}

interface KilledHost extends AsyncDisposable {
  readonly hostId: string;
  readonly engine: FakeEngine;
  service(): ReturnType<typeof killableService>;
}

/** A registered host with a fake engine, which outlives its services. */
async function killedHost(): Promise<KilledHost> {
  const hostId = newHostId();
  const folder = await Deno.makeTempDir();
  const { address, keys } = world;
  await writeHostFolder(folder, { hostId, project: "bigeye-killed", image: IMAGE, address, keys });
  const engine = fakeEngine(systemClock, { images: [IMAGE] });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, engine.fetch);
  const dockerUrl = `http://127.0.0.1:${server.addr.port}`;
  return {
    hostId,
    engine,
    service: () => killableService({ folder, dockerUrl }),
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

const LONG: DispatchableRun["task"] = {
  agent_type: "lineage",
  parameters: { connectors: ["runs"] },
};

for (
  const [when, endsMeanwhile] of [["still runs", false], ["ended meanwhile", true]] as const
) {
  test(`after kill -9 a run that ${when} is adopted before its heartbeat timeout`, async () => {
    await using host = await killedHost();
    const first = await host.service();
    const run = world.plane.trigger(host.hostId, "succeeds", { task: LONG });
    await first.until("container started");
    await first.kill();
    const container = host.engine.containers.get(`bigeye-run-${run}`);
    if (endsMeanwhile) container?.exit(3);
    const second = await host.service();
    await second.until("handed back a former attempt");
    container?.exit(3);
    const { status, exit_code } = await world.plane.outbox.ended(run);
    await second.kill();
    assert.deepEqual({ status, exit_code, starts: container?.starts }, {
      status: "failed",
      exit_code: 3,
      starts: 1,
    });
    assert.deepEqual(await lastAttempt(run), { attempt: 2, type: "handed_back" });
  });
}
