/** A fake host in a separate process, which a test can kill. It prints each event as a line. */

import { emptyDisk, type HostDisk } from "./fake_host.ts";
import type { Keys } from "./plane.ts";
import { host } from "./world.ts";

export interface HostOrders {
  readonly address: string;
  readonly keys: Keys;
  readonly hostId: string;
}

/** Starts a host. `until` waits for one of its events, and `kill` sends SIGKILL. */
export async function killableHost(orders: HostOrders): Promise<{
  until(line: string): Promise<void>;
  kill(): Promise<void>;
}> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", import.meta.filename ?? ""],
    cwd: new URL("../../..", import.meta.url),
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(orders)));
  await writer.close();
  const { log } = emptyDisk();
  const reading = child.stdout.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({
      write: (text) => text.split("\n").filter((line) => line !== "").forEach(log.add),
    }),
  );
  return {
    until: (line) => log.until(line),
    async kill() {
      child.kill("SIGKILL");
      await Promise.all([child.status, reading]);
    },
  };
}

if (import.meta.main) {
  const { address, keys, hostId }: HostOrders = await new Response(Deno.stdin.readable).json();
  const disk = emptyDisk();
  const printing: HostDisk = {
    ...disk,
    log: {
      ...disk.log,
      add: (event) => Deno.stdout.writeSync(new TextEncoder().encode(`${event}\n`)),
    },
  };
  await host(address, keys, { hostId, disk: printing });
}
