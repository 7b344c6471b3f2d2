/** An HTTP server for real. */

import type { Fetch, ServeHttpOptions } from "../ports.ts";

/** Serves until the signal aborts, which cuts open streams too; `handler` answers every failure itself. */
export async function systemServeHttp(handler: Fetch, options: ServeHttpOptions): Promise<void> {
  const { hostname, port, signal, onListen } = options;
  signal.throwIfAborted();
  const server = Deno.serve({
    hostname,
    port,
    signal,
    onListen: (address) => onListen?.(address.port),
  }, handler);
  await server.finished;
}
