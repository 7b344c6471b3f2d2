/** The push of a cancel, against a fake of Temporal's service. */

import assert from "node:assert/strict";
import type { NativeConnection } from "@temporalio/worker";
import { createCancelPush } from "../../../lib/temporal/cancel_push.ts";
import { manualClock } from "../../fakes/system/clock.ts";

const REQUEST = {
  run_id: "0b0e8a52-6a58-4a4e-9f0e-3a8f0e6c1d11",
  host_id: "host-1",
  installation_id: "11111111-1111-4111-8111-111111111111",
};

/** Marks what passed through it. */
const codec = {
  encode: <T extends object>(payloads: T[]) =>
    Promise.resolve(payloads.map((payload) => ({ ...payload, metadata: { sealed: SEALED } }))),
  decode: <T>(payloads: T) => Promise.resolve(payloads),
};
const SEALED = new Uint8Array([1]);

/** Answers each question for the namespace's capabilities with the next of `answers`. */
function pushing(...answers: readonly (Record<string, boolean> | Error)[]) {
  const asked: unknown[] = [];
  const started: Record<string, unknown>[] = [];
  const connection = {
    withDeadline: <T>(_: number, call: () => Promise<T>) => call(),
    workflowService: {
      async describeNamespace(request: unknown) {
        const answer = answers[asked.push(request) - 1];
        if (answer instanceof Error) throw answer;
        return await Promise.resolve({ namespaceInfo: { capabilities: answer } });
      },
      startActivityExecution(request: Record<string, unknown>) {
        started.push(request);
        return Promise.resolve({ runId: "1" });
      },
    },
  } as unknown as NativeConnection;
  const push = createCancelPush(connection, { namespace: "ours", codec, clock: manualClock() });
  return { push, asked, started };
}

Deno.test("a cancel is pushed to the host's control queue, encrypted, under an id of its run", async () => {
  const { push, asked, started } = pushing({ standaloneActivities: true });
  await push(REQUEST);
  await push(REQUEST);
  assert.deepEqual(asked, [{ namespace: "ours" }]);
  assert.equal(started.length, 2);
  const [{ activityId, activityType, taskQueue, input } = {}, second] = started;
  assert.deepEqual({ activityId, activityType, taskQueue }, {
    activityId: `cancel-${REQUEST.run_id}`,
    activityType: { name: "cancelRun" },
    taskQueue: { name: "bigeye-agent-host-host-1-control" },
  });
  const { run_id, installation_id } = REQUEST;
  assert.deepEqual(input, {
    payloads: [{
      metadata: { sealed: SEALED },
      data: new TextEncoder().encode(JSON.stringify({ run_id, installation_id })),
    }],
  });
  assert.equal(second?.activityId, activityId);
});

for (const capabilities of [{}, { standaloneActivities: false }]) {
  Deno.test(`nothing is pushed where Temporal answers ${JSON.stringify(capabilities)}`, async () => {
    const { push, asked, started } = pushing(capabilities);
    await push(REQUEST);
    await push(REQUEST);
    assert.deepEqual([asked.length, started], [1, []]);
  });
}

Deno.test("Temporal is asked again if it did not answer", async () => {
  const down = new Error("temporal is down");
  const { push, asked, started } = pushing(down, { standaloneActivities: true });
  await assert.rejects(push(REQUEST), down);
  await push(REQUEST);
  assert.deepEqual([asked.length, started.length], [2, 1]);
});
