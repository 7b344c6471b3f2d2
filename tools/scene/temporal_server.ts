/** A Temporal development server of a scene. */

import { type Child, startChild } from "./child.ts";
import { capture } from "../run.ts";
import { freePort } from "./network.ts";

export interface TemporalServer extends AsyncDisposable {
  readonly address: string;
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
 * Starts it on a free port, its data in `folder`, and waits until it takes calls at `hostname`. It
 * listens on every address of this machine: bound to one, its own services do not find each other.
 */
export async function startTemporal(
  program: string,
  options: TemporalOptions,
): Promise<TemporalServer> {
  const { folder, hostname, port = freePort() } = options;
  const address = `${hostname}:${port}`;
  const process = startChild([
    program,
    ...["server", "start-dev", "--headless", "--log-level", "error"],
    ...["--ip", "0.0.0.0", "--port", String(port), "--metrics-port", String(freePort())],
    ...["--dynamic-config-value", "matching.numTaskqueueReadPartitions=1"],
    ...["--dynamic-config-value", "matching.numTaskqueueWritePartitions=1"],
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
    process,
    restart: () => startTemporal(program, { ...options, port }),
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

async function isServing(program: string, address: string): Promise<boolean> {
  const { code } = await capture([program, "operator", "cluster", "health", "--address", address]);
  return code === 0;
}
