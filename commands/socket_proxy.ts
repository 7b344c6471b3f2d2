/** `bigeye-agent socket-proxy`: runs the only process with the Docker socket; the entry point of its container. */

import { isProxyHealthy, serveProxy } from "../boundary/serve_proxy.ts";
import { withDeadline } from "../lib/async/timing.ts";
import { keepSmall } from "../lib/system/memory.ts";
import { unhealthy } from "../lib/problems/compose.ts";
import { DOCKER_SOCKET, PROXY_PORT, PROXY_SERVICE } from "../templates/stack.ts";
import type { Tools } from "./context.ts";

export interface SocketProxyFlags {
  readonly health: boolean;
}

type Needs = Pick<
  Tools,
  "clock" | "direct" | "engineAt" | "env" | "log" | "releaseMemory" | "serveHttp" | "stop"
>;

/** Shorter than Docker's timeout of 5 s, so that the check reports its own failure. */
const HEALTH_WITHIN_MS = 4_000;

export async function socketProxy({ health }: SocketProxyFlags, tools: Needs): Promise<void> {
  const { engineAt, stop } = tools;
  if (health) return await checkHealth(tools);
  const needs = { ...tools, engine: engineAt(DOCKER_SOCKET) };
  await keepSmall(tools, () => serveProxy(needs, { port: PROXY_PORT, signal: stop }));
}

async function checkHealth({ clock, direct, stop }: Needs): Promise<void> {
  const fetch = direct(`http://127.0.0.1:${PROXY_PORT}`);
  const healthy = await withDeadline(
    clock,
    { ms: HEALTH_WITHIN_MS, signal: stop },
    (signal) => isProxyHealthy({ fetch }, { port: PROXY_PORT, signal }),
  );
  if (!healthy) throw unhealthy(PROXY_SERVICE, "it cannot reach the Docker Engine");
}
