/** Starts the stack and waits until both services run and Bigeye shows the host online. */

import type { Bigeye } from "../../lib/bigeye/client.ts";
import { type HostMessage, ONLINE } from "../../lib/contract/messages/hosts.ts";
import { Problem } from "../../lib/problems/problem.ts";
import { composeFailed } from "../../lib/problems/compose.ts";
import { troubles, untilFound, untilHealthy, type WaitNeeds } from "../host/healthy.ts";

export interface StartNeeds extends WaitNeeds {
  readonly bigeye: Pick<Bigeye, "hosts">;
  /** Whether Bigeye shows heartbeats. Without them healthy services are all that can be seen. */
  readonly showsHeartbeats: boolean;
}

/**
 * Starts the stack and waits for both services and a heartbeat. `before` is the host as register answered
 * it: only a newer heartbeat counts. A service may still be `starting`, because its first health check is
 * late and the orchestrator sends heartbeats only with a working proxy. After a restart was seen, only
 * `healthy` counts, because a service can crash after each heartbeat.
 */
export async function startStack(before: HostMessage, needs: StartNeeds): Promise<HostMessage> {
  const { stack, stop, showsHeartbeats } = needs;
  const { code, stdout, stderr } = await stack.run(["up", "--detach"], stop);
  if (code !== 0) throw composeFailed("start the stack", `${stdout}\n${stderr}`);
  if (!showsHeartbeats) {
    await untilHealthy(needs);
    return before;
  }
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
async function hostSeen(
  before: HostMessage,
  { bigeye, stop }: StartNeeds,
): Promise<HostMessage | undefined> {
  try {
    const hosts = await bigeye.hosts(stop);
    return hosts.find((host) =>
      host.hostId === before.hostId && host.status === ONLINE &&
      host.lastHeartbeatAtEpochSeconds !== before.lastHeartbeatAtEpochSeconds
    );
  } catch (error) {
    if (error instanceof Problem && error.retryable) return undefined;
    throw error;
  }
}
