/** A fake host in a separate process, which a test can kill. It prints each event as a line. */

import { emptyDisk, type HostDisk } from "./fake_host.ts";
import { type Killable, printLine, startKillable } from "./killable.ts";
import type { Keys } from "./plane.ts";
import { host } from "./world.ts";

export interface HostOrders {
  readonly address: string;
  readonly keys: Keys;
  readonly hostId: string;
}

/** Starts a host. `until` waits for one of its events, and `kill` sends SIGKILL. */
export function killableHost(orders: HostOrders): Promise<Killable> {
  return startKillable(import.meta.filename ?? "", orders);
}

if (import.meta.main) {
  const { address, keys, hostId }: HostOrders = await new Response(Deno.stdin.readable).json();
  const disk = emptyDisk();
  const printing: HostDisk = {
    ...disk,
    log: { ...disk.log, add: printLine },
  };
  await host(address, keys, { hostId, disk: printing });
}
