/** Starts the stack and waits until both services run and Bigeye shows the host online. */

import type { Bigeye } from "../../lib/bigeye/client.ts";
import type { Host } from "../../lib/contract/host.ts";
import { Problem } from "../../lib/problems/problem.ts";
import { composeFailed } from "../../lib/problems/compose.ts";
import { troubles, untilFound, type WaitNeeds } from "../host/healthy.ts";

export interface StartNeeds extends WaitNeeds {
  readonly bigeye: Pick<Bigeye, "hosts">;
}

/**
 * Starts the stack. `before` is the host as register answered it: only a newer heartbeat counts. A service may
 * still be `starting`, because its first health check is late and the orchestrator sends heartbeats only with
 * a working proxy. After a restart was seen, only `healthy` counts, because a service can crash after each heartbeat.
 */
export async function startStack(before: Host, needs: StartNeeds): Promise<Host> {
  const { stack, stop } = needs;
  const { code, stdout, stderr } = await stack.run(["up", "--detach"], stop);
  if (code !== 0) throw composeFailed("start the stack", `${stdout}\n${stderr}`);
  let healths = ["healthy", "starting"];
  return await untilFound(needs, async (services) => {
    const missing = troubles(services, healths);
    if (services.some(({ state }) => state === "restarting")) healths = ["healthy"];
    const host = await hostSeen(before, needs);
    if (!host) {
      return { missing: [...missing, "Bigeye has not received a heartbeat of this host yet"] };
    }
    return missing.length === 0 ? { found: host } : { missing };
  });
}

/** Returns the host after its heartbeat; `undefined` before, or while Bigeye does not answer. */
async function hostSeen(before: Host, { bigeye, stop }: StartNeeds): Promise<Host | undefined> {
  try {
    const hosts = await bigeye.hosts(stop);
    return hosts.find((host) =>
      host.host_id === before.host_id && host.state === "online" &&
      host.last_heartbeat_at !== before.last_heartbeat_at
    );
  } catch (error) {
    if (error instanceof Problem && error.retryable) return undefined;
    throw error;
  }
}
