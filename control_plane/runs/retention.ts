/** Removes runs and audit entries that are older than the account wants to keep them. */

import type { Clock, Log } from "../../lib/ports.ts";
import { reasonOf } from "../../lib/problems/problem.ts";
import type { RetentionStore } from "../store/mod.ts";

export interface RetentionNeeds {
  readonly retention: RetentionStore;
  readonly keep: { readonly runsDays: number; readonly auditDays: number };
  readonly clock: Clock;
  readonly log: Log;
}

const FIRST_AFTER_MS = 60_000;
const EVERY_MS = 3_600_000;
/** SQLite has one writer, and requests wait while it removes a step: some milliseconds. */
const STEP = 100;
const PAUSE_MS = 100;
const DAY_MS = 86_400_000;
/** A control plane that was at work has something on record from each week. */
const QUIET_MS = 7 * DAY_MS;

const SET_AHEAD =
  "the clock is more than a week ahead of what is on record, so nothing old is removed until it " +
  "has gone on so for a day";

/**
 * Removes every hour until the signal aborts, then resolves; the first time is a minute from now. A clock
 * that is ahead of all that is on record was set wrong, or the control plane was off: it must have gone on
 * for a day without a leap, in which somebody can set it right.
 */
export async function removeWhatIsOld(needs: RetentionNeeds, signal: AbortSignal): Promise<void> {
  const { clock, log } = needs;
  let wait = FIRST_AFTER_MS;
  let before = clock.now().getTime();
  let steadySince = before;
  let isHeld = false;
  while (true) {
    await clock.sleep(wait, signal).catch(() => {});
    if (signal.aborted) return;
    const now = clock.now().getTime();
    if (Math.abs(now - before - wait) > DAY_MS) steadySince = now;
    try {
      const newest = now - steadySince < DAY_MS ? await newestIfAhead(now) : undefined;
      if (newest === undefined) await removeOnce(needs, signal);
      else if (!isHeld) {
        log("warn", SET_AHEAD, { time: new Date(now).toISOString(), newest: newest.toISOString() });
      }
      isHeld = newest !== undefined;
    } catch (error) {
      unremoved(error);
    }
    before = now;
    wait = EVERY_MS;
  }

  /** Set ahead by mistake, for years perhaps, the clock would make all that is kept look old. */
  async function newestIfAhead(now: number): Promise<Date | undefined> {
    // What is younger may have been written by the same wrong clock.
    const newest = await needs.retention.newestBefore(new Date(now - DAY_MS));
    return newest && now - newest.getTime() > QUIET_MS ? newest : undefined;
  }

  function unremoved(error: unknown): void {
    if (signal.aborted) return;
    log("warn", "what is old could not be removed, trying again in an hour", {
      error: reasonOf(error),
    });
  }
}

async function removeOnce(
  { retention, keep, clock, log }: RetentionNeeds,
  signal: AbortSignal,
): Promise<void> {
  const since = (days: number) => new Date(clock.now().getTime() - days * DAY_MS);
  const [runsSince, auditSince] = [since(keep.runsDays), since(keep.auditDays)];
  const runs = await inSteps((limit) => retention.removeRuns(runsSince, limit));
  const skips = await inSteps((limit) => retention.removeSkips(runsSince, limit));
  const audit_entries = await inSteps((limit) => retention.removeAudit(auditSince, limit));
  if (runs + skips + audit_entries === 0) return;
  log("info", "what is old was removed", { runs, skips, audit_entries });

  async function inSteps(remove: (limit: number) => Promise<number>): Promise<number> {
    let total = 0;
    while (true) {
      signal.throwIfAborted();
      const count = await remove(STEP);
      total += count;
      if (count < STEP) return total;
      await clock.sleep(PAUSE_MS, signal);
    }
  }
}
