/** `serve` in a separate process, which a test can kill. It prints the messages of its log. */

import { systemFiles, systemLockFile } from "../../../lib/system/files.ts";
import { directFetch } from "../../../lib/system/network.ts";
import {
  keepTimersFiring,
  systemClock,
  systemIdentity,
  systemUptime,
} from "../../../lib/system/process.ts";
import { connectHost } from "../../../orchestrator/host/temporal.ts";
import { serve } from "../../../orchestrator/serve.ts";
import { type Killable, printLine, startKillable } from "./killable.ts";

export interface ServeOrders {
  /** The folder of a registered host. */
  readonly folder: string;
  /** URL of the engine. */
  readonly dockerUrl: string;
}

/** Starts the service, whose Bigeye accepts every heartbeat. */
export function killableService(orders: ServeOrders): Promise<Killable> {
  return startKillable(import.meta.filename ?? "", orders);
}

if (import.meta.main) {
  keepTimersFiring();
  const { folder, dockerUrl }: ServeOrders = await new Response(Deno.stdin.readable).json();
  await serve({
    folder,
    dockerUrl,
    dockerFetch: directFetch(dockerUrl),
    network: () => () => Promise.resolve(new Response(null, { status: 204 })),
    connect: connectHost,
    healthPath: `${folder}/health.json`,
    files: systemFiles,
    clock: systemClock,
    log: (_, message) => printLine(message),
    identity: systemIdentity(),
    lockFile: systemLockFile,
    uptime: systemUptime,
  }, new AbortController().signal);
}
