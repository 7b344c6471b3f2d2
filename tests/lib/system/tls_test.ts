/** A knock at a door behind which nobody speaks must end when it is told to. */

import assert from "node:assert/strict";
import { systemKnockTls } from "../../../lib/system/tls.ts";

/** Takes connections and never says a word. */
function silentDoor(): Deno.TcpListener {
  return Deno.listen({ hostname: "127.0.0.1", port: 0 });
}

for (const moment of ["while it connects", "while it waits for a word"] as const) {
  Deno.test(`a knock that is called off ${moment} ends with the reason`, async () => {
    using door = silentDoor();
    const stop = new AbortController();
    const reason = new Error("called off");
    const { hostname, port } = door.addr;
    const knocking = systemKnockTls({ hostname, port, caPem: "", signal: stop.signal });
    const ended = assert.rejects(knocking, (error) => error === reason);
    if (moment === "while it connects") stop.abort(reason);
    using _connection = await door.accept();
    if (moment !== "while it connects") stop.abort(reason);
    await ended;
  });
}
