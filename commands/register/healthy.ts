/** Starts the stack and waits until it really works: both services healthy, the host seen online. */

import type { Bigeye } from "../../lib/bigeye.ts";
import type { Host } from "../../lib/contract/host.ts";
import { type ComposeStack, parseServices, type ServiceState } from "../../lib/docker/compose.ts";
import { Problem } from "../../lib/problem.ts";
import { composeFailed, stackUnhealthy } from "../../lib/problems/compose.ts";
import { ORCHESTRATOR_SERVICE, PROXY_SERVICE } from "../../templates/stack.ts";
import type { Tools } from "../context.ts";

const HEALTHY_WITHIN_MS = 120_000;
const LOOK_EVERY_MS = 1_000;

export interface StartNeeds extends Pick<Tools, "clock" | "stop" | "terminal"> {
  readonly stack: ComposeStack;
  readonly bigeye: Pick<Bigeye, "hosts">;
}

/** `before` is the host as the register call answered it: a heartbeat counts when it is newer. */
export async function startStack(before: Host, needs: StartNeeds): Promise<Host> {
  const { stack, stop } = needs;
  const { code, stdout, stderr } = await stack.run(["up", "--detach"], stop);
  if (code !== 0) throw composeFailed("start the stack", `${stdout}\n${stderr}`);
  return await healthyHost(before, needs);
}

async function healthyHost(before: Host, needs: StartNeeds): Promise<Host> {
  const { clock, stop, terminal } = needs;
  const end = clock.monotonic() + HEALTHY_WITHIN_MS;
  let said = "";
  while (true) {
    const services = await servicesOf(needs);
    const host = await hostSeen(before, needs);
    const missing = whatIsMissing(services, host);
    if (host && missing.length === 0) return host;
    if (clock.monotonic() >= end) throw await unhealthy(missing, needs);
    const line = missing.join(", ");
    if (line !== said) terminal.note(`      waiting: ${line}`);
    said = line;
    await clock.sleep(LOOK_EVERY_MS, stop);
  }
}

async function servicesOf({ stack, stop }: StartNeeds): Promise<readonly ServiceState[]> {
  const { code, stdout, stderr } = await stack.run(["ps", "--all", "--format", "json"], stop);
  if (code !== 0) throw composeFailed("look at the stack", stderr);
  return parseServices(stdout);
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

/** A first health check comes late; a heartbeat says more, for the orchestrator sends none without its proxy. */
function whatIsMissing(services: readonly ServiceState[], host: Host | undefined): string[] {
  const missing = [PROXY_SERVICE, ORCHESTRATOR_SERVICE].flatMap((name) => {
    const found = services.find(({ service }) => service === name);
    if (found?.state === "running" && found.health !== "unhealthy") return [];
    const state = found?.state === "running" ? found.health : found?.state;
    return [`${name} is ${state ?? "not there"}`];
  });
  return host ? missing : [...missing, "Bigeye has no heartbeat of this host yet"];
}

async function unhealthy(
  missing: readonly string[],
  { stack, stop }: StartNeeds,
): Promise<Problem> {
  const { stdout, stderr } = await stack.run(["logs", "--no-color", "--tail", "15"], stop);
  return stackUnhealthy(HEALTHY_WITHIN_MS / 1_000, {
    services: missing,
    log: `${stdout}\n${stderr}`,
  });
}
