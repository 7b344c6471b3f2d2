/** A job's history: its runs and its skipped fire times, merged by time. */

import type { Kysely } from "kysely";
import * as v from "valibot";
import type { HistoryEntry } from "../../../lib/contract/job.ts";
import { notFound } from "../../../lib/problems/rest.ts";
import { listCursor, pageOf, type PageRequest } from "../list_cursor.ts";
import { runOf } from "../runs/run_rows.ts";
import type { Tables } from "../tables.ts";

export interface HistoryPage {
  readonly entries: readonly HistoryEntry[];
  readonly next_cursor: string | null;
}

export interface HistoryStore {
  /**
   * Lists entries, newest first; pages stay stable while entries are added.
   * @throws `job_not_found`, and `invalid_input` for a cursor of another list.
   */
  of(jobId: string, page: PageRequest): Promise<HistoryPage>;
}

interface Placed {
  readonly place: readonly [at: string, id: string];
  readonly entry: HistoryEntry;
}

const CURSOR = listCursor("history", v.strictTuple([v.string(), v.string()]));

export function historyStore(db: Kysely<Tables>): HistoryStore {
  return {
    async of(jobId, { cursor, limit }) {
      const job = await db.selectFrom("jobs").select("id").where("id", "=", jobId)
        .executeTakeFirst();
      if (!job) throw notFound("job", jobId);
      const before = cursor === undefined ? undefined : CURSOR.placeOf(cursor);
      // Either list alone may fill the page.
      const lists = await Promise.all([
        runsOf(db, { jobId, before, most: limit + 1 }),
        skipsOf(db, { jobId, before, most: limit + 1 }),
      ]);
      const placed = lists.flat().toSorted((a, b) => compare(b.place, a.place));
      const after = ({ place: [at, id] }: Placed) => CURSOR.after([at, id]);
      const { page, next_cursor } = pageOf(placed, { limit, after });
      return { entries: page.map(({ entry }) => entry), next_cursor };
    },
  };
}

interface Wanted {
  readonly jobId: string;
  readonly before: readonly [string, string] | undefined;
  readonly most: number;
}

async function runsOf(db: Kysely<Tables>, { jobId, before, most }: Wanted): Promise<Placed[]> {
  let query = db.selectFrom("runs").selectAll().where("job_id", "=", jobId);
  if (before) {
    query = query.where((eb) => eb(eb.refTuple("created_at", "id"), "<", eb.tuple(...before)));
  }
  const rows = await query.orderBy("created_at", "desc").orderBy("id", "desc").limit(most)
    .execute();
  return rows.map((row) => ({
    place: [row.created_at, row.id],
    entry: { kind: "run", at: row.created_at, run: runOf(row) },
  }));
}

async function skipsOf(db: Kysely<Tables>, { jobId, before, most }: Wanted): Promise<Placed[]> {
  let query = db.selectFrom("schedule_skips").selectAll().where("job_id", "=", jobId);
  if (before) {
    query = query.where((eb) => eb(eb.refTuple("created_at", "id"), "<", eb.tuple(...before)));
  }
  const rows = await query.orderBy("created_at", "desc").orderBy("id", "desc").limit(most)
    .execute();
  return rows.map(({ id, job_id: _, created_at, ...skip }) => ({
    place: [created_at, id],
    entry: { kind: "skip", at: created_at, skip },
  }));
}

/** Orders as the database does texts of digits, hyphens and lower-case letters. */
function compare([at, id]: Placed["place"], [otherAt, otherId]: Placed["place"]): number {
  if (at !== otherAt) return at < otherAt ? -1 : 1;
  return id < otherId ? -1 : 1;
}
