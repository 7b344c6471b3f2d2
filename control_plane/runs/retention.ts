/** Removes runs and audit entries once their retention period is over. */

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
/** Rows per batch. SQLite has one writer, so requests wait while a batch is deleted: some milliseconds. */
const BATCH = 100;
const PAUSE_MS = 100;
const DAY_MS = 86_400_000;
/** A control plane in use records something every week. */
const QUIET_MS = 7 * DAY_MS;

const CLOCK_AHEAD =
  "keeping expired rows: the clock is more than a week ahead of the newest record; removal starts " +
  "after a day without a clock change";

/**
 * Removes expired rows every hour until the signal aborts, then resolves; the first time is a minute from
 * now. If the clock is more than a week ahead of the newest record, either it was set wrong or the control
 * plane was off. Removal then waits for a day without a clock change, so that an operator can correct it.
 */
export async function removeExpired(needs: RetentionNeeds, signal: AbortSignal): Promise<void> {
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
        log("warn", CLOCK_AHEAD, {
          time: new Date(now).toISOString(),
          newest: newest.toISOString(),
        });
      }
      isHeld = newest !== undefined;
    } catch (error) {
      logFailure(error);
    }
    before = now;
    wait = EVERY_MS;
  }

  /** A clock set years ahead would make everything look expired. */
  async function newestIfAhead(now: number): Promise<Date | undefined> {
    // Newer rows may have been written with the same wrong clock.
    const newest = await needs.retention.newestBefore(new Date(now - DAY_MS));
    return newest && now - newest.getTime() > QUIET_MS ? newest : undefined;
  }

  function logFailure(error: unknown): void {
    if (signal.aborted) return;
    log("warn", "could not remove expired rows, retrying in an hour", {
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
  const runs = await inBatches((limit) => retention.removeRuns(runsSince, limit));
  const skips = await inBatches((limit) => retention.removeSkips(runsSince, limit));
  const audit_entries = await inBatches((limit) => retention.removeAudit(auditSince, limit));
  if (runs + skips + audit_entries === 0) return;
  log("info", "removed expired rows", { runs, skips, audit_entries });

  async function inBatches(remove: (limit: number) => Promise<number>): Promise<number> {
    let total = 0;
    while (true) {
      signal.throwIfAborted();
      const count = await remove(BATCH);
      total += count;
      if (count < BATCH) return total;
      await clock.sleep(PAUSE_MS, signal);
    }
  }
}
