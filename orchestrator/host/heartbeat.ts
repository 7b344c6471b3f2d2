/** Tells Bigeye every 10 s that this host is there, and learns whether it still is this machine's. */

import { anySignal } from "../../lib/async/abort.ts";
import type { Bigeye } from "../../lib/bigeye/client.ts";
import { HEARTBEAT_INTERVAL_MS, type HeartbeatBody } from "../../lib/contract/host.ts";
import { withDeadline } from "../../lib/async/timing.ts";
import type { Clock, Fetch, Log } from "../../lib/ports.ts";
import { Problem, reasonOf } from "../../lib/problems/problem.ts";

/** A Bigeye that is away must keep a host neither from its work nor from its end. */
const ANSWER_WITHIN_MS = 5_000;
/** Beyond this, times of runs are misleading and keys and certificates begin to fail. */
const SKEW_LIMIT_MS = 60_000;

export interface HeartbeatNeeds {
  readonly bigeye: Pick<Bigeye, "heartbeat">;
  readonly clock: Clock;
  readonly log: Log;
}

export interface HeartbeatOptions {
  readonly hostId: string;
  readonly body: () => Promise<HeartbeatBody>;
}

export interface HeartbeatLoop {
  /**
   * Beats once, before any order is taken, and waits 5 s at most. Throws `host_taken_over`; any other
   * failure is for {@linkcode HeartbeatLoop.run} to tell.
   */
  confirmOwner(signal: AbortSignal): Promise<void>;
  /** Somebody doubts whose the host is: beats at once instead of within 10 s. */
  wake(): void;
  /**
   * Beats until the signal aborts, and once more to say that the host drains. A failure is told once until
   * it is over and never stops the host, but for `host_taken_over`, which is thrown.
   */
  run(signal: AbortSignal): Promise<void>;
}

export function createHeartbeatLoop(
  { bigeye, clock, log }: HeartbeatNeeds,
  { hostId, body }: HeartbeatOptions,
): HeartbeatLoop {
  let pause = new AbortController();

  async function confirmOwner(signal: AbortSignal): Promise<void> {
    try {
      await withDeadline(
        clock,
        { ms: ANSWER_WITHIN_MS, signal },
        async (deadline) => await bigeye.heartbeat(hostId, await body(), deadline),
      );
    } catch (error) {
      signal.throwIfAborted();
      if (!isTakenOver(error)) return;
      log("error", "heartbeat not accepted", fieldsOf(error));
      throw error;
    }
  }

  async function run(signal: AbortSignal): Promise<void> {
    let state: "new" | "accepted" | "refused" = "new";
    while (!signal.aborted) {
      // Made before the beat, so that a wake during it leads to another one.
      pause = new AbortController();
      const started = clock.monotonic();
      try {
        await bigeye.heartbeat(hostId, await body(), signal);
        if (state !== "accepted") log("info", "heartbeat accepted", { host_id: hostId });
        state = "accepted";
      } catch (error) {
        if (signal.aborted) break;
        const isOver = isTakenOver(error);
        if (isOver || state !== "refused") {
          log(isOver ? "error" : "warn", "heartbeat not accepted", fieldsOf(error));
        }
        if (isOver) throw error;
        state = "refused";
      }
      const left = Math.max(0, HEARTBEAT_INTERVAL_MS - (clock.monotonic() - started));
      using woken = anySignal(signal, pause.signal);
      await clock.sleep(left, woken.signal).catch(() => {});
    }
    await sayDraining();
  }

  async function sayDraining(): Promise<void> {
    try {
      await withDeadline(
        clock,
        { ms: ANSWER_WITHIN_MS },
        async (deadline) =>
          await bigeye.heartbeat(hostId, { ...await body(), draining: true }, deadline),
      );
    } catch (error) {
      // Bigeye finds out by itself, as of a host that lost its power.
      log("info", "draining not told", fieldsOf(error));
    }
  }

  return { confirmOwner, wake: () => pause.abort(), run };
}

const isTakenOver = (error: unknown): boolean =>
  error instanceof Problem && error.code === "host_taken_over";

/** A refusal has Bigeye's own code and words in its details. */
function fieldsOf(error: unknown): Record<string, unknown> {
  if (!(error instanceof Problem)) return { error: reasonOf(error) };
  const details = error.details.map(({ path, message }) =>
    path === undefined ? message : `${path}: ${message}`
  );
  return { error: error.message, code: error.code, details };
}

export interface SkewNeeds {
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  /** Told with each dated answer by how many milliseconds our clock is before theirs, which tells seconds. */
  readonly onSkew?: (ms: number) => void;
}

/** The same way to Bigeye; compares each answer's `Date` with this host's clock, and warns once while they differ. */
export function watchingSkew(
  ask: Fetch,
  { clock, log, onSkew }: SkewNeeds,
): Fetch {
  let warned = false;
  return async (request) => {
    const response = await ask(request);
    const theirs = Date.parse(response.headers.get("date") ?? "");
    const skew = clock.now().getTime() - theirs;
    if (!Number.isNaN(skew)) onSkew?.(skew);
    const isOff = Math.abs(skew) > SKEW_LIMIT_MS; // false where there is no date
    if (isOff && !warned) {
      const seconds = Math.round(skew / 1_000);
      log("warn", "clock differs from Bigeye's: set it right, as with timedatectl", { seconds });
    }
    warned = isOff;
    return response;
  };
}
