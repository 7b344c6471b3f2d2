/** The dispatcher loses neither a run nor a cancel when Temporal fails. */

import assert from "node:assert/strict";
import { createDispatcher } from "../../../control_plane/runs/dispatch.ts";
import type { DispatchableRun } from "../../../control_plane/store/mod.ts";
import type { AgentRunInput, HostControlRequest } from "../../../lib/contract/dispatch.ts";
import { memoryOutbox } from "../../fakes/control_plane/run_outbox.ts";
import { virtualClock } from "../../fakes/system/virtual_clock.ts";

const queued = (run_id: string): DispatchableRun => ({
  run_id,
  host_id: "host-1",
  installation_id: "11111111-1111-4111-8111-111111111111",
  job_id: "job-1",
  job_name: "Nightly",
  task: { agent_type: "lineage", parameters: { connectors: ["snowflake"] } },
  run_limit_seconds: 60,
  created_at: "2026-01-01T00:00:00.000Z",
});

/** Runs a dispatcher with a Temporal that refuses its first `outages` calls. */
function dispatching(
  outages = 0,
  { hasWorkflows = true, pushes = true } = {},
) {
  const outbox = memoryOutbox();
  const started: AgentRunInput[] = [];
  const canceled: string[] = [];
  const pushed: (HostControlRequest & { readonly at: number; readonly started: number })[] = [];
  const canceledAt: number[] = [];
  const clock = virtualClock("2026-01-01T00:00:10.000Z");
  const lines: string[] = [];
  let left = outages;
  let underway = 0;
  let most = 0;
  const answer = async (take: () => void) => {
    most = Math.max(most, ++underway);
    await Promise.resolve();
    underway--;
    if (left-- > 0) throw new Error("temporal is down");
    take();
  };
  const dispatcher = createDispatcher({
    outbox,
    workflows: {
      start: (input) => answer(() => started.push(input)),
      cancel: async (runId) => {
        await answer(() => {
          canceled.push(runId);
          canceledAt.push(clock.monotonic());
        });
        return hasWorkflows;
      },
    },
    pushCancel(request) {
      pushed.push({ ...request, at: clock.monotonic(), started: started.length });
      return pushes;
    },
    sign: (orders) => Promise.resolve({ manifest: orders.join("\n"), signature: "signed" }),
    hostWaitSeconds: 600,
    clock,
    log: (level, message) => void lines.push(`${level} ${message}`),
  });
  const stop = new AbortController();
  const running = dispatcher.run(stop.signal);
  return {
    outbox,
    dispatcher,
    started,
    canceled,
    pushed,
    /** Milliseconds from the last push to the cancel of its workflow. */
    lead: () => (canceledAt.at(-1) ?? NaN) - (pushed.at(-1)?.at ?? NaN),
    lines,
    most: () => most,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

Deno.test("a queued run is started with its signed order, then marked as dispatched", async () => {
  await using plane = dispatching();
  plane.outbox.add(queued("run-1"));
  plane.dispatcher.wake();
  await plane.outbox.dispatched("run-1");
  const [input] = plane.started;
  assert.ok(input);
  const { signed, ...rest } = input;
  assert.deepEqual(rest, {
    run_id: "run-1",
    host_id: "host-1",
    installation_id: "11111111-1111-4111-8111-111111111111",
    run_limit_seconds: 60,
    host_wait_seconds: 600,
  });
  assert.deepEqual([signed.manifest, signed.signature], [signed.order, "signed"]);
  const { issued_at, expires_at, ...order } = JSON.parse(signed.order);
  const { created_at: _, ...run } = queued("run-1");
  assert.deepEqual(order, run);
  assert.equal(Date.parse(expires_at) - Date.parse(issued_at), (600 + 3_600) * 1_000);
});

Deno.test("a queued run is found without a wake", async () => {
  await using plane = dispatching();
  plane.outbox.add(queued("run-1"));
  await plane.outbox.dispatched("run-1");
  assert.equal(plane.started.length, 1);
});

Deno.test("an outage of Temporal delays runs, and is logged at its begin and its end only", async () => {
  await using plane = dispatching(5);
  plane.outbox.add(queued("run-1"));
  plane.outbox.add(queued("run-2"));
  await Promise.all([plane.outbox.dispatched("run-1"), plane.outbox.dispatched("run-2")]);
  plane.outbox.add(queued("run-3"));
  await plane.outbox.dispatched("run-3");
  assert.deepEqual(plane.started.map(({ run_id }) => run_id).toSorted(), [
    "run-1",
    "run-2",
    "run-3",
  ]);
  assert.deepEqual(plane.lines, [
    "warn cannot hand runs to temporal, retrying",
    "info hands runs to temporal again",
  ]);
});

Deno.test("a cancel waits for the start of its run's workflow", async () => {
  await using plane = dispatching(3);
  plane.outbox.add(queued("run-1"));
  await plane.outbox.claim(["run-1"]);
  plane.outbox.askToCancel("run-1");
  await plane.outbox.canceling("run-1");
  assert.deepEqual(plane.canceled, ["run-1"]);
  assert.equal(plane.started.length, 1);
});

/** Dispatches a run and cancels it. */
async function canceling(plane: Awaited<ReturnType<typeof dispatching>>): Promise<void> {
  plane.outbox.add(queued("run-1"));
  await plane.outbox.dispatched("run-1");
  plane.outbox.askToCancel("run-1");
  await plane.outbox.canceling("run-1");
}

Deno.test("a cancel is pushed to the host, and 20 ms later its workflow is canceled", async () => {
  await using plane = dispatching();
  await canceling(plane);
  const { at: _, ...push } = plane.pushed[0] ?? { at: 0 };
  assert.deepEqual(push, {
    run_id: "run-1",
    host_id: "host-1",
    installation_id: "11111111-1111-4111-8111-111111111111",
    started: 1,
  });
  assert.deepEqual([plane.pushed.length, plane.canceled, plane.lead()], [1, ["run-1"], 20]);
});

Deno.test("a workflow is canceled at once where nothing can be pushed", async () => {
  await using plane = dispatching(0, { pushes: false });
  await canceling(plane);
  assert.deepEqual([plane.canceled, plane.lead()], [["run-1"], 0]);
});

Deno.test("a cancel is not pushed before the start of its run's workflow", async () => {
  await using plane = dispatching(3);
  plane.outbox.add(queued("run-1"));
  await plane.outbox.claim(["run-1"]);
  plane.outbox.askToCancel("run-1");
  await plane.outbox.canceling("run-1");
  assert.deepEqual(plane.pushed.map(({ started }) => started), [1]);
});

Deno.test("a cancel ends a run whose workflow is gone, so that its job can run again", async () => {
  await using plane = dispatching(0, { hasWorkflows: false });
  plane.outbox.add(queued("run-1"));
  await plane.outbox.dispatched("run-1");
  plane.outbox.askToCancel("run-1");
  const { message, ended_at: _, ...outcome } = await plane.outbox.ended("run-1");
  assert.deepEqual(outcome, { status: "failed", reason: "host_lost", phases: [] });
  assert.match(message ?? "", /no longer has this run's workflow/);
});

Deno.test("waiting runs are signed together, up to 16 at a time", async () => {
  await using plane = dispatching();
  const runs = Array.from({ length: 20 }, (_, index) => `run-${index}`);
  for (const run of runs) plane.outbox.add(queued(run));
  plane.dispatcher.wake();
  await Promise.all(runs.map((run) => plane.outbox.dispatched(run)));
  const lists = Map.groupBy(plane.started, ({ signed }) => signed.manifest);
  assert.deepEqual([...lists.values()].map(({ length }) => length), [16, 4]);
  for (const { signed } of plane.started) {
    assert.ok(signed.manifest.split("\n").includes(signed.order));
  }
});

Deno.test("at most 16 runs are started at a time", async () => {
  await using plane = dispatching();
  const runs = Array.from({ length: 250 }, (_, index) => `run-${index}`);
  for (const run of runs) plane.outbox.add(queued(run));
  plane.dispatcher.wake();
  await Promise.all(runs.map((run) => plane.outbox.dispatched(run)));
  assert.equal(plane.started.length, 250);
  assert.equal(plane.most(), 16);
});

Deno.test("a stop does not wait for Temporal's response, and the run stays undispatched", async () => {
  const outbox = memoryOutbox();
  outbox.add(queued("run-1"));
  const asked = Promise.withResolvers<void>();
  const dispatcher = createDispatcher({
    outbox,
    workflows: {
      start() {
        asked.resolve();
        return new Promise(() => {});
      },
      cancel: () => new Promise(() => {}),
    },
    pushCancel: () => false,
    sign: (orders) => Promise.resolve({ manifest: orders.join("\n"), signature: "signed" }),
    hostWaitSeconds: 600,
    clock: virtualClock(),
    log: () => {},
  });
  const stop = new AbortController();
  const running = dispatcher.run(stop.signal);
  await asked.promise;
  stop.abort(new Error("the plane stops"));
  await running;
  assert.deepEqual(await outbox.undispatched(10), [queued("run-1")]);
});
