/** A free port for real: taken, looked at and let go. */

import type { FreePort } from "../ports.ts";

export function systemFreePort(): ReturnType<FreePort> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
