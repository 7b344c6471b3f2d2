/** `bigeye-control-plane health`: the health check of the container. */

import { withDeadline } from "../../lib/async/timing.ts";
import { reasonOf } from "../../lib/problems/problem.ts";
import { planeUnwell } from "../../lib/problems/plane.ts";
import type { PlaneTools } from "../settings/plane_tools.ts";
import { addressText, type ServeFlags } from "../settings/sources.ts";
import { listenAddresses } from "../settings/settings.ts";
import type { ListenAddress } from "../settings/temporal.ts";

export type HealthFlags = Pick<ServeFlags, "listen">;

const ANSWER_MS = 4_000;

/** Requests `/healthz` at the first listen address. @throws `plane_unwell`. */
export async function health(
  { listen }: HealthFlags,
  { env, clock, direct, stop }: Pick<PlaneTools, "env" | "clock" | "direct" | "stop">,
): Promise<void> {
  const [first] = listenAddresses(listen, env);
  const url = `http://${first ? reachedAt(first) : ""}/healthz`;
  const ask = async (signal: AbortSignal) => {
    const response = await direct(url)(new Request(url, { signal }));
    await response.body?.cancel();
    return response.status;
  };
  const status = await withDeadline(clock, { ms: ANSWER_MS, signal: stop }, ask)
    .catch((error) => {
      stop.throwIfAborted();
      throw planeUnwell(url, reasonOf(error));
    });
  if (status !== 200) throw planeUnwell(url, `it answers ${status}`);
}

/** A control plane that listens on all addresses is reached on loopback. */
function reachedAt({ hostname, port }: ListenAddress): string {
  if (hostname === "0.0.0.0") return `127.0.0.1:${port}`;
  if (hostname === "::") return `[::1]:${port}`;
  return addressText(hostname, port);
}
