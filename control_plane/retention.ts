/** Removes runs and audit entries that are older than the account wants to keep them. */

import type { Clock, Log } from "../lib/ports.ts";
import { reasonOf } from "../lib/problem.ts";
import type { RetentionStore } from "./store/mod.ts";

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

const SET_AHEAD =
  "the clock was set ahead by more than a day, so nothing old is removed for an hour";

/**
 * Removes every hour until the signal aborts, then resolves; the first time is a minute from now. An hour
 * in which the clock has leapt ahead is left out, so that somebody can set it right.
 */
export async function removeWhatIsOld(needs: RetentionNeeds, signal: AbortSignal): Promise<void> {
  const { clock, log } = needs;
  let wait = FIRST_AFTER_MS;
  let before = clock.now().getTime();
  while (true) {
    await clock.sleep(wait, signal).catch(() => {});
    if (signal.aborted) return;
    const now = clock.now();
    // Set ahead by mistake, for years perhaps, it would make all that is kept look old.
    const isAhead = now.getTime() - before - wait > DAY_MS;
    if (isAhead) log("warn", SET_AHEAD, { time: now.toISOString() });
    else await removeOnce(needs, signal).catch(unremoved);
    before = now.getTime();
    wait = EVERY_MS;
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
