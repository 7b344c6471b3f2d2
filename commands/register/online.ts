/** Starts the stack and waits until it really works: both services run, the host is seen online. */

import type { Bigeye } from "../../lib/bigeye/client.ts";
import type { Host } from "../../lib/contract/host.ts";
import { Problem } from "../../lib/problems/problem.ts";
import { composeFailed } from "../../lib/problems/compose.ts";
import { troubles, untilFound, type WaitNeeds } from "../host/healthy.ts";

export interface StartNeeds extends WaitNeeds {
  readonly bigeye: Pick<Bigeye, "hosts">;
}

/**
 * `before` is the host as the register call answered it: a heartbeat counts when it is newer. A service may
 * still be `starting`, as its first health check comes late and the orchestrator sends no heartbeat without
 * its proxy; but not one that was seen to restart, which may do so after each heartbeat.
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
    if (!host) return { missing: [...missing, "Bigeye has no heartbeat of this host yet"] };
    return missing.length === 0 ? { found: host } : { missing };
  });
}

/** The host once it has sent a heartbeat; a Bigeye that is away for a moment is asked again. */
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
