/** Tells Bigeye every 10 s that this host is there, and finds out how far apart the clocks are. */

import type { Bigeye } from "../lib/bigeye.ts";
import { HEARTBEAT_INTERVAL_MS, type HeartbeatBody } from "../lib/contract/host.ts";
import type { Clock, Fetch, Log } from "../lib/ports.ts";
import { reasonOf } from "../lib/problem.ts";

/** Beyond this, times of runs are misleading and keys and certificates begin to fail. */
const SKEW_LIMIT_MS = 60_000;

export interface HeartbeatNeeds {
  readonly bigeye: Pick<Bigeye, "heartbeat">;
  readonly clock: Clock;
  readonly log: Log;
}

export interface HeartbeatOptions {
  readonly hostId: string;
  readonly body: () => HeartbeatBody;
  readonly signal: AbortSignal;
}

/** Beats until the signal aborts. A failure is told once until it is over; it never stops the host. */
export async function keepBeating(
  { bigeye, clock, log }: HeartbeatNeeds,
  { hostId, body, signal }: HeartbeatOptions,
): Promise<void> {
  let state: "new" | "accepted" | "refused" = "new";
  while (!signal.aborted) {
    const started = clock.monotonic();
    try {
      await bigeye.heartbeat(hostId, body(), signal);
      if (state !== "accepted") log("info", "heartbeat accepted", { host_id: hostId });
      state = "accepted";
    } catch (error) {
      if (signal.aborted) return;
      if (state !== "refused") log("warn", "heartbeat not accepted", { error: reasonOf(error) });
      state = "refused";
    }
    const left = Math.max(0, HEARTBEAT_INTERVAL_MS - (clock.monotonic() - started));
    await clock.sleep(left, signal).catch(() => {});
  }
}

/** The same way to Bigeye; compares each answer's `Date` with this host's clock, and warns once while they differ. */
export function watchingSkew(
  ask: Fetch,
  { clock, log }: { readonly clock: Pick<Clock, "now">; readonly log: Log },
): Fetch {
  let warned = false;
  return async (request) => {
    const response = await ask(request);
    const theirs = Date.parse(response.headers.get("date") ?? "");
    const skew = clock.now().getTime() - theirs;
    const isOff = Math.abs(skew) > SKEW_LIMIT_MS; // false where there is no date
    if (isOff && !warned) {
      const seconds = Math.round(skew / 1_000);
      log("warn", "clock differs from Bigeye's: set it right, as with timedatectl", { seconds });
    }
    warned = isOff;
    return response;
  };
}
