/** `bigeye-agent socket-proxy`: serves the proxy on its port, and checks its health. */

import type { Env, Fetch, ServeHttp } from "../lib/ports.ts";
import * as problems from "../lib/problems/boundary.ts";
import { changedFlags } from "./policy.ts";
import { createProxy, type ProxyNeeds } from "./proxy.ts";

export interface ServeProxyNeeds extends ProxyNeeds {
  readonly serveHttp: ServeHttp;
  /** The environment with the flags. The proxy starts only with the pinned ones. */
  readonly env: Env;
}

/**
 * Serves on all addresses until the signal aborts.
 *
 * @throws `proxy_flags_changed` (exit 6).
 */
export async function serveProxy(
  needs: ServeProxyNeeds,
  { port, signal }: { readonly port: number; readonly signal: AbortSignal },
): Promise<void> {
  const changes = changedFlags(needs.env);
  if (changes.length > 0) throw problems.proxyFlagsChanged(changes);
  await needs.serveHttp(createProxy(needs), {
    hostname: "0.0.0.0",
    port,
    signal,
    onListen: (inUse) => needs.log("info", "socket proxy listening", { port: inUse }),
  });
}

/** Whether the proxy on this port and the engine behind it answer. */
export async function isProxyHealthy(
  needs: { readonly fetch: Fetch },
  { port, signal }: { readonly port: number; readonly signal: AbortSignal },
): Promise<boolean> {
  try {
    const response = await needs.fetch(new Request(`http://127.0.0.1:${port}/version`, { signal }));
    await response.body?.cancel();
    return response.ok;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
