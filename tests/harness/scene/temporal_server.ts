/** A Temporal development server of a scene. */

import { type Child, startChild } from "./child.ts";
import { capture } from "../../../tools/cli/run.ts";
import { systemFreePort } from "../../../lib/system/free_port.ts";

export interface TemporalServer extends AsyncDisposable {
  readonly address: string;
  /** Its counts, in Prometheus's text format. */
  readonly metricsUrl: string;
  readonly process: Child;
  /** Starts it again on the same data and address, after its process ended. */
  restart(): Promise<TemporalServer>;
}

export interface TemporalOptions {
  readonly folder: string;
  readonly hostname: string;
  readonly port?: number;
}

/**
 * Temporal's defaults are for many shards and busy queues. The development server has one shard, which
 * by default reads its tasks at most 20 times a second: one run after another is enough to wait
 * 40 ms at every step. And the queue of one host needs no partitions, between which tasks are forwarded.
 */
const ONE_MACHINE = [
  "history.transferProcessorMaxPollRPS=1000",
  "matching.numTaskqueueReadPartitions=1",
  "matching.numTaskqueueWritePartitions=1",
];

/**
 * Starts it on a free port, its data in `folder`, and waits until it takes calls at `hostname`. It
 * listens on every address of this machine: bound to one, its own services do not find each other.
 */
export async function startTemporal(
  program: string,
  options: TemporalOptions,
): Promise<TemporalServer> {
  const { folder, hostname, port = systemFreePort() } = options;
  const address = `${hostname}:${port}`;
  const metricsPort = systemFreePort();
  const process = startChild([
    program,
    ...["server", "start-dev", "--headless", "--log-level", "error"],
    ...["--ip", "0.0.0.0", "--port", String(port), "--metrics-port", String(metricsPort)],
    ...ONE_MACHINE.flatMap((setting) => ["--dynamic-config-value", setting]),
    ...["--db-filename", `${folder}/temporal.db`],
  ], { logFile: `${folder}/temporal.log` });
  try {
    await process.ready(`Temporal on ${address}`, () => isServing(program, address));
  } catch (error) {
    await process[Symbol.asyncDispose]();
    throw error;
  }
  return {
    address,
    metricsUrl: `http://${hostname}:${metricsPort}/metrics`,
    process,
    restart: () => startTemporal(program, { ...options, port }),
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

async function isServing(program: string, address: string): Promise<boolean> {
  const { code } = await capture([program, "operator", "cluster", "health", "--address", address]);
  return code === 0;
}
