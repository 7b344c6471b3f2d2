/** Sends a heartbeat to Bigeye every 10 s, and finds out whether this machine still owns the host id. */

import { createRounds } from "../../lib/async/rounds.ts";
import { withDeadline } from "../../lib/async/timing.ts";
import type { Bigeye, HostBeat } from "../../lib/bigeye/client.ts";
import { HEARTBEAT_INTERVAL_MS } from "../../lib/contract/host.ts";
import type { Clock, Log } from "../../lib/ports.ts";
import { Problem, reasonOf } from "../../lib/problems/problem.ts";

/** A Bigeye that is down must not delay the start of a host's work, nor its end. */
const ANSWER_WITHIN_MS = 5_000;

export interface HeartbeatNeeds {
  readonly bigeye: Pick<Bigeye, "heartbeat">;
  readonly clock: Clock;
  readonly log: Log;
}

export interface HeartbeatOptions {
  readonly hostId: string;
  readonly beat: (state?: { readonly draining: boolean }) => Promise<HostBeat>;
}

export interface HeartbeatLoop {
  /**
   * Sends one heartbeat before any order is taken, and waits for the answer for at most 5 s. Resolves
   * with whether Bigeye accepted it. Ignores every failure but the loss of the host id;
   * {@linkcode HeartbeatLoop.run} logs the others.
   *
   * @throws `host_taken_over`, and the signal's reason on abort.
   */
  confirmOwner(signal: AbortSignal): Promise<boolean>;
  /** Sends the next heartbeat at once, because another machine may own the host id. */
  wake(): void;
  /**
   * Sends heartbeats until the signal aborts, then a last one that says the host is draining. A failure
   * is logged once until a heartbeat is accepted again, and does not stop the host.
   *
   * @throws `host_taken_over`.
   */
  run(signal: AbortSignal): Promise<void>;
}

export function createHeartbeatLoop(
  { bigeye, clock, log }: HeartbeatNeeds,
  { hostId, beat }: HeartbeatOptions,
): HeartbeatLoop {
  const { wake, run: repeat } = createRounds(clock);

  async function confirmOwner(signal: AbortSignal): Promise<boolean> {
    try {
      await withDeadline(
        clock,
        { ms: ANSWER_WITHIN_MS, signal },
        async (deadline) => await bigeye.heartbeat(await beat(), deadline),
      );
      return true;
    } catch (error) {
      signal.throwIfAborted();
      if (!isTakenOver(error)) return false;
      log("error", "heartbeat not accepted", fieldsOf(error));
      throw error;
    }
  }

  async function run(signal: AbortSignal): Promise<void> {
    let state: "new" | "accepted" | "refused" = "new";
    await repeat(async () => {
      const started = clock.monotonic();
      try {
        await bigeye.heartbeat(await beat(), signal);
        if (state !== "accepted") log("info", "heartbeat accepted", { host_id: hostId });
        state = "accepted";
      } catch (error) {
        if (signal.aborted) return 0;
        const isOver = isTakenOver(error);
        if (isOver || state !== "refused") {
          log(isOver ? "error" : "warn", "heartbeat not accepted", fieldsOf(error));
        }
        if (isOver) throw error;
        state = "refused";
      }
      return Math.max(0, HEARTBEAT_INTERVAL_MS - (clock.monotonic() - started));
    }, signal);
    await reportDraining();
  }

  async function reportDraining(): Promise<void> {
    try {
      await withDeadline(
        clock,
        { ms: ANSWER_WITHIN_MS },
        async (deadline) => await bigeye.heartbeat(await beat({ draining: true }), deadline),
      );
    } catch (error) {
      // Bigeye notices by itself that the heartbeats end, as with a host that lost its power.
      log("info", "could not report draining", fieldsOf(error));
    }
  }

  return { confirmOwner, wake, run };
}

const isTakenOver = (error: unknown): boolean =>
  error instanceof Problem && error.code === "host_taken_over";

/** The details of a refusal hold Bigeye's own code and words. */
function fieldsOf(error: unknown): Record<string, unknown> {
  if (!(error instanceof Problem)) return { error: reasonOf(error) };
  const details = error.details.map(({ path, message }) =>
    path === undefined ? message : `${path}: ${message}`
  );
  return { error: error.message, code: error.code, details };
}
