/** An HTTP server for real. */

import type { HttpHandler, ServeHttpOptions } from "../ports.ts";

/** Serves until the signal aborts, which cuts open streams too; `handler` answers every failure itself. */
export async function systemServeHttp(
  handler: HttpHandler,
  options: ServeHttpOptions,
): Promise<void> {
  const { hostname, port, signal, onListen } = options;
  signal.throwIfAborted();
  const server = Deno.serve({
    hostname,
    port,
    signal,
    onListen: (address) => onListen?.(address.port),
  }, (request, { remoteAddr }) => handler(request, remoteAddr.hostname));
  await server.finished;
}
