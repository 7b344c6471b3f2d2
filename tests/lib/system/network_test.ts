/** A TLS probe of a server that never answers ends when it is aborted. */

import assert from "node:assert/strict";
import { systemProbeTls } from "../../../lib/system/network.ts";

/** Accepts connections and sends nothing. */
function silentServer(): Deno.TcpListener {
  return Deno.listen({ hostname: "127.0.0.1", port: 0 });
}

for (const moment of ["while it connects", "while it waits for the handshake"] as const) {
  Deno.test(`a TLS probe that is aborted ${moment} rejects with the reason`, async () => {
    using server = silentServer();
    const stop = new AbortController();
    const reason = new Error("aborted");
    const { hostname, port } = server.addr;
    const probing = systemProbeTls({ hostname, port, caPem: "", signal: stop.signal });
    const ended = assert.rejects(probing, (error) => error === reason);
    if (moment === "while it connects") stop.abort(reason);
    using _connection = await server.accept();
    if (moment !== "while it connects") stop.abort(reason);
    await ended;
  });
}
