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

interface Answers {
  /** The capabilities that each question gets, or its failure. */
  readonly capabilities: readonly (Record<string, boolean> | Error)[];
  /** Fails every start. */
  readonly refusal?: Error;
}

async function pushing({ capabilities, refusal }: Answers) {
  const asked: unknown[] = [];
  const started: Record<string, unknown>[] = [];
  const lines: string[] = [];
  const connection = {
    withDeadline: <T>(_: number, call: () => Promise<T>) => call(),
    workflowService: {
      async describeNamespace(request: unknown) {
        const answer = capabilities[asked.push(request) - 1];
        if (answer instanceof Error) throw answer;
        return await Promise.resolve({ namespaceInfo: { capabilities: answer } });
      },
      startActivityExecution(request: Record<string, unknown>) {
        started.push(request);
        return refusal ? Promise.reject(refusal) : Promise.resolve({ runId: "1" });
      },
    },
  } as unknown as NativeConnection;
  const push = await createCancelPush(connection, {
    namespace: "ours",
    codec,
    clock: manualClock(),
    log: (level, message) => void lines.push(`${level} ${message}`),
  });
  return { push, asked, started, lines };
}

Deno.test("a cancel is pushed to the host's control queue, encrypted, under an id of its run", async () => {
  const { push, asked, started } = await pushing({
    capabilities: [{ standaloneActivities: true }],
  });
  assert.deepEqual([push(REQUEST), push(REQUEST)], [true, true]);
  await settled();
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
    const { push, asked, started } = await pushing({ capabilities: [capabilities] });
    assert.deepEqual([push(REQUEST), push(REQUEST)], [false, false]);
    await settled();
    assert.deepEqual([asked.length, started], [1, []]);
  });
}

Deno.test("Temporal is asked again with the next cancel if it did not answer", async () => {
  const { push, asked, lines } = await pushing({
    capabilities: [new Error("temporal is down"), { standaloneActivities: true }],
  });
  assert.equal(push(REQUEST), false);
  await settled();
  assert.equal(push(REQUEST), true);
  assert.equal(asked.length, 2);
  assert.deepEqual(lines, ["debug could not ask temporal for its capabilities"]);
});

Deno.test("a push that fails is only logged, at debug level", async () => {
  const { push, lines } = await pushing({
    capabilities: [{ standaloneActivities: true }],
    refusal: new Error("Standalone activity is disabled"),
  });
  assert.equal(push(REQUEST), true);
  await settled();
  assert.deepEqual(lines, ["debug could not push a cancel, leaving it to the workflow"]);
});

/** Resolves once everything that needs no further event has run. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
