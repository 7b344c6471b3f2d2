/** Starts a real Temporal dev server on a free port, with its data in memory or in a file. */

import "../time/keep_timers_firing.ts";
import { NativeConnection } from "@temporalio/worker";
import { systemFreePort } from "../../../lib/system/network.ts";
import { systemClock } from "../../../lib/system/process.ts";
import {
  connectTemporal,
  type TemporalServer as Reached,
} from "../../../lib/temporal/connection.ts";

export interface TemporalServer extends AsyncDisposable {
  readonly address: string;
}

/** Returns an address on which nothing listens yet. */
export function freeAddress(): string {
  return `127.0.0.1:${systemFreePort()}`;
}

export interface ServerOptions {
  /** With the file of an earlier server it continues with its data. Default: in memory. */
  readonly file?: string;
  /** Dynamic configuration, each as `key=value`. */
  readonly settings?: readonly string[];
}

/** The setting that makes this server like one of before 1.32. */
export const WITHOUT_STANDALONE_ACTIVITIES = "activity.enableStandalone=false";

/** Starts `BIGEYE_TEST_TEMPORAL`, or `temporal` from PATH. The caller waits for it by connecting. */
export function startTemporalServer(
  address = freeAddress(),
  { file, settings = [] }: ServerOptions = {},
): TemporalServer {
  const program = Deno.env.get("BIGEYE_TEST_TEMPORAL") || "temporal";
  const port = address.slice(address.lastIndexOf(":") + 1);
  const child = new Deno.Command(program, {
    args: [
      ...["server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port", port],
      ...(file === undefined ? [] : ["--db-filename", file]),
      ...settings.flatMap((setting) => ["--dynamic-config-value", setting]),
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let ended = false;
  return {
    address,
    async [Symbol.asyncDispose]() {
      if (!ended) child.kill("SIGKILL");
      ended = true;
      await child.status;
    },
  };
}

/** Connects to an address without TLS, or to a server with credentials. */
export function connected(to: string | Reached): Promise<NativeConnection> {
  const signal = AbortSignal.timeout(120_000);
  return connectTemporal(typeof to === "string" ? { address: to } : to, {
    clock: systemClock,
    log: () => {},
    signal,
  });
}
