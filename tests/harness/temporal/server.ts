/** A real Temporal dev server of one's own, in memory or in a file, on a port that was free. */

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

/** An address on which nothing listens yet. */
export function freeAddress(): string {
  return `127.0.0.1:${systemFreePort()}`;
}

/**
 * Starts `BIGEYE_TEST_TEMPORAL`, else `temporal` from PATH; the caller waits by connecting. One that is
 * started again on the same file goes on where it was.
 */
export function startTemporalServer(address = freeAddress(), file?: string): TemporalServer {
  const program = Deno.env.get("BIGEYE_TEST_TEMPORAL") || "temporal";
  const port = address.slice(address.lastIndexOf(":") + 1);
  const child = new Deno.Command(program, {
    args: ["server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port", port].concat(
      file === undefined ? [] : ["--db-filename", file],
    ),
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

/** Connects to an address, plainly, or to one that wants more. */
export function connected(to: string | Reached): Promise<NativeConnection> {
  const signal = AbortSignal.timeout(120_000);
  return connectTemporal(typeof to === "string" ? { address: to } : to, {
    clock: systemClock,
    log: () => {},
    signal,
  });
}
