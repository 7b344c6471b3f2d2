/** The Temporal server's own pace: the same workflow by a bare client and worker, without a store or keys. */

import { Client } from "@temporalio/client";
import { NativeConnection, Worker } from "@temporalio/worker";
import type { AgentRunInput } from "../../../lib/contract/dispatch.ts";
import { AGENT_RUN_WORKFLOW } from "../../../lib/contract/temporal_names.ts";
import { installRuntime } from "../../../lib/temporal/runtime.ts";
import { DIST } from "../../cli/paths.ts";
import { cpuSeconds } from "../process_cost.ts";

export interface BareStarts {
  readonly count: number;
  /** Characters in each one's input. */
  readonly size: number;
  /** Whether the client's own worker gets the first task with the answer. */
  readonly isEager: boolean;
}

/** As many and as large as those of the control plane, whose sealed inputs have 3.6 kB, and asked for alike. */
export const ALIKE: BareStarts = { count: 1_000, size: 3_300, isEager: true };
/** The least that can be asked of the server. */
export const SMALL: BareStarts = { count: 300, size: 0, isEager: false };

/** As the control plane's dispatcher starts them. */
const AT_ONCE = 16;
const QUEUE = "bench-bare";

/** Milliseconds a start: of the clock, and of the processor that client and worker have used. */
export interface BarePace {
  readonly clock: number;
  readonly processor: number;
}

/**
 * What a start takes while a worker works on those before: as with ours, each workflow asks for
 * an activity on the queue of a host that is not there. What the worker has left to do when the last
 * start is accepted is not in it, with ours neither, so that few starts flatter the server.
 */
export async function measureBareStarts(address: string, starts: BareStarts): Promise<BarePace> {
  installRuntime(() => {});
  const connection = await NativeConnection.connect({ address });
  try {
    const worker = await Worker.create({
      connection,
      taskQueue: QUEUE,
      workflowBundle: { code: await Deno.readTextFile(`${DIST}/workflows.js`) },
      debugMode: true,
      reuseV8Context: true,
    });
    return await worker.runUntil(() => startAll(new Client({ connection }), starts));
  } finally {
    await connection.close();
  }
}

async function startAll(
  { workflow }: Client,
  { count, size, isEager }: BareStarts,
): Promise<BarePace> {
  const used = await cpuSeconds(Deno.pid);
  const before = performance.now();
  const queue = Array.from({ length: count }, (_, index) => inputOf(index, size)).values();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const input of queue) {
      const { run_id: workflowId } = input;
      await workflow.start(AGENT_RUN_WORKFLOW, {
        workflowId,
        taskQueue: QUEUE,
        args: [input],
        requestEagerStart: isEager,
      });
    }
  }));
  const clock = (performance.now() - before) / count;
  return { clock, processor: 1000 * (await cpuSeconds(Deno.pid) - used) / count };
}

function inputOf(index: number, size: number): AgentRunInput {
  return {
    run_id: crypto.randomUUID(),
    host_id: `bare-${index}`,
    installation_id: crypto.randomUUID(),
    run_limit_seconds: 14_400,
    host_wait_seconds: 3_600,
    signed: { order: "x".repeat(size), manifest: "", signature: "" },
  };
}
