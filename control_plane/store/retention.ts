/** Removes expired rows in small batches, so that other writers never wait long. */

import type { Kysely } from "kysely";
import type { Tables } from "./tables.ts";

/** Each removal deletes at most `limit` rows and returns how many it deleted. */
export interface RetentionStore {
  /** Returns when the last run or audit entry before `point` was created; `undefined` without one. */
  newestBefore(point: Date): Promise<Date | undefined>;
  /** Removes runs that ended before `before`, oldest first. Active runs are never removed. */
  removeRuns(before: Date, limit: number): Promise<number>;
  /** Removes the records of fire times that were skipped. */
  removeSkips(before: Date, limit: number): Promise<number>;
  removeAudit(before: Date, limit: number): Promise<number>;
}

/**
 * `ended_at` comes from the host's clock, which may be years ahead. A run waits at most a week and runs
 * at most a week, so this long after its creation, by our own clock, it has ended.
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
