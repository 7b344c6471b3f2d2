/** What the store lets go when it is old enough, a few rows at a time, so that nobody waits long for it. */

import type { Kysely } from "kysely";
import type { Tables } from "./tables.ts";

/** Each removal takes at most `limit` rows and answers how many. */
export interface RetentionStore {
  /** When the last run was triggered or change made before a moment; nothing when there was none. */
  newestBefore(point: Date): Promise<Date | undefined>;
  /** Runs that have ended before, the oldest first; an active one is never removed, however old. */
  removeRuns(before: Date, limit: number): Promise<number>;
  /** Fire times of schedules that had no run; they stand beside the runs in a job's history. */
  removeSkips(before: Date, limit: number): Promise<number>;
  removeAudit(before: Date, limit: number): Promise<number>;
}

/**
 * The end of a run is told by its host's clock, which may be ahead by years. A run waits for a week and
 * runs for a week at most, so this long after its beginning by our own clock it has really ended.
 */
const LONGEST_RUN_MS = 14 * 86_400_000;

export function retentionStore(db: Kysely<Tables>): RetentionStore {
  return {
    async newestBefore(point) {
      const before = point.toISOString();
      const run = await db.selectFrom("runs").select(({ fn }) => fn.max("created_at").as("at"))
        .where("created_at", "<", before).executeTakeFirst();
      const change = await db.selectFrom("audit").select(({ fn }) => fn.max("at").as("at"))
        .where("at", "<", before).executeTakeFirst();
      const newest = [run?.at ?? "", change?.at ?? ""].toSorted().at(-1);
      return newest ? new Date(newest) : undefined;
    },

    async removeRuns(before, limit) {
      const point = before.toISOString();
      const surely = new Date(before.getTime() - LONGEST_RUN_MS).toISOString();
      const old = db.selectFrom("runs").select("id")
        .where("created_at", "<", point).where("ended_at", "is not", null)
        .where((eb) => eb.or([eb("ended_at", "<", point), eb("created_at", "<", surely)]))
        .orderBy("created_at").orderBy("id").limit(limit);
      return await removed(db.deleteFrom("runs").where("id", "in", old));
    },

    async removeSkips(before, limit) {
      const old = db.selectFrom("schedule_skips").select("id")
        .where("created_at", "<", before.toISOString()).limit(limit);
      return await removed(db.deleteFrom("schedule_skips").where("id", "in", old));
    },

    async removeAudit(before, limit) {
      const old = db.selectFrom("audit").select("id").where("at", "<", before.toISOString())
        .orderBy("at").orderBy("id").limit(limit);
      return await removed(db.deleteFrom("audit").where("id", "in", old));
    },
  };
}

async function removed(
  deletion: { executeTakeFirst(): Promise<{ readonly numDeletedRows: bigint }> },
): Promise<number> {
  return Number((await deletion.executeTakeFirst()).numDeletedRows);
}
