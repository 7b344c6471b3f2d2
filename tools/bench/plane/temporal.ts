/** Measures the Temporal server itself: bare starts of the same workflow, and the requests that it counts. */

import { Client } from "@temporalio/client";
import { NativeConnection, Worker } from "@temporalio/worker";
import type { AgentRunInput } from "../../../lib/contract/dispatch.ts";
import { AGENT_RUN_WORKFLOW } from "../../../lib/contract/temporal_names.ts";
import { installRuntime } from "../../../lib/temporal/runtime.ts";
import type { TemporalServer } from "../../../tests/harness/scene/temporal_server.ts";
import { delay } from "../../../tests/harness/time/wait.ts";
import { DIST } from "../../cli/paths.ts";
import { cpuSeconds } from "../proc.ts";

export interface BareStarts {
  readonly count: number;
  /** Characters in the input of each workflow. */
  readonly size: number;
  /** Whether the answer to a start carries the first task for the client's worker. */
  readonly isEager: boolean;
}

/** Starts as the control plane makes them; its encrypted inputs have 3.6 kB. */
export const ALIKE: BareStarts = { count: 1_000, size: 3_300, isEager: true };
/** The smallest starts. */
export const SMALL: BareStarts = { count: 300, size: 0, isEager: false };

/** Concurrent starts, as in the control plane's dispatcher. */
const CONCURRENCY = 16;
const QUEUE = "bench-bare";

/** Milliseconds per start: elapsed time, and processor time of client and worker. */
export interface BarePace {
  readonly clock: number;
  readonly processor: number;
}

/**
 * Measures starts while a worker runs the workflows. Each workflow schedules an activity on the queue of a
 * host that does not exist, as in the measurement of the control plane. Work that is left after the last
 * start is not counted in either, so that a small number of starts flatters the server.
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
  await Promise.all(Array.from({ length: CONCURRENCY }, async () => {
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

/** Requests that do not depend on runs: polls of the workers, and the check of schedules each minute. */
const UNRELATED = /^(Poll|DescribeSchedule|ListSchedules|RespondQueryTask)/;
/** The server updates its counts once a second. */
const UPDATED_MS = 1_500;

/** Runs `work` and counts the requests for runs that it causes, until no more come. */
export async function withRequests<T>(
  server: Pick<TemporalServer, "metricsUrl">,
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly requests: number }> {
  const before = await settled(server);
  const value = await work();
  return { value, requests: await settled(server) - before };
}

async function settled({ metricsUrl }: Pick<TemporalServer, "metricsUrl">): Promise<number> {
  for (let last = -1;;) {
    const count = requestsIn(await (await fetch(metricsUrl)).text());
    if (count === last) return count;
    last = count;
    await delay(UPDATED_MS).done;
  }
}

/** Counts the requests for runs in metrics of Prometheus's text format. */
export function requestsIn(metrics: string): number {
  return metrics.split("\n")
    .filter((line) => line.startsWith("service_requests{"))
    .filter((line) => line.includes('service_name="frontend"'))
    .filter((line) => !UNRELATED.test(/operation="([^"]*)"/.exec(line)?.[1] ?? ""))
    .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}
