/** The Temporal development server of a scene. */

import { ONE_MACHINE } from "../../../control_plane/temporal/server.ts";
import { type Child, startChild } from "./child.ts";
import { capture } from "../../../tools/cli/run.ts";
import { systemFreePort } from "../../../lib/system/network.ts";

export interface TemporalServer extends AsyncDisposable {
  readonly address: string;
  /** Serves metrics in Prometheus's text format. */
  readonly metricsUrl: string;
  readonly process: Child;
  /** Starts the server again on the same data and address, after its process ended. */
  restart(): Promise<TemporalServer>;
}

export interface TemporalOptions {
  readonly folder: string;
  readonly hostname: string;
  readonly port?: number;
}

/**
 * Starts the server with its data in `folder`, on a free port by default, and waits until it answers at
 * `hostname`. It listens on all addresses, because its services do not find each other on a single one.
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
