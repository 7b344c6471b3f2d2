/** `bigeye-agent socket-proxy`: the only holder of the Docker socket; the entry point of its container. */

import { createProxy } from "../boundary/proxy.ts";
import { withDeadline } from "../lib/deadline.ts";
import { reasonOf } from "../lib/problem.ts";
import { unhealthy } from "../lib/problems/health.ts";
import { DOCKER_SOCKET, PROXY_PORT, PROXY_SERVICE } from "../templates/compose.ts";
import type { Tools } from "./context.ts";

export interface SocketProxyFlags {
  readonly health: boolean;
}

type Needs = Pick<Tools, "clock" | "direct" | "engineAt" | "log" | "serveHttp" | "stop">;

/** The check's own timeout is 5 s; ours is shorter, so that its answer is ours. */
const HEALTH_WITHIN_MS = 4_000;

export async function socketProxy({ health }: SocketProxyFlags, tools: Needs): Promise<void> {
  if (health) return await checkHealth(tools);
  const { clock, engineAt, log, serveHttp, stop } = tools;
  const proxy = createProxy({ engine: engineAt(DOCKER_SOCKET), log, clock });
  await serveHttp(proxy, {
    hostname: "0.0.0.0",
    port: PROXY_PORT,
    signal: stop,
    onListen: (port) => log("info", "socket proxy started", { port }),
  });
  log("info", "socket proxy stopped");
}

async function checkHealth({ clock, direct, stop }: Needs): Promise<void> {
  const url = `http://127.0.0.1:${PROXY_PORT}`;
  const ask = async (signal: AbortSignal) => {
    const response = await direct(url)(new Request(`${url}/version`, { signal }));
    await response.body?.cancel();
    return response.status;
  };
  const asked = withDeadline(clock, { ms: HEALTH_WITHIN_MS, signal: stop }, ask);
  const status = await asked.catch((error: unknown) => {
    stop.throwIfAborted();
    throw unhealthy(PROXY_SERVICE, reasonOf(error));
  });
  if (status !== 200) throw unhealthy(PROXY_SERVICE, `the engine's version answers ${status}`);
}
