/** Only writes that may be lost in a power cut are written without a flush. */

import assert from "node:assert/strict";
import { type CompiledQuery, Kysely, sql } from "kysely";
import { relaxedDurability, sqliteDialect } from "../../../../control_plane/store/sqlite/sqlite.ts";
import type { Tables } from "../../../../control_plane/store/tables.ts";
import { inFolder } from "../../../fakes/system/temporary_folder.ts";

/** https://www.sqlite.org/pragma.html#pragma_synchronous */
const NORMAL = 1;
const FULL = 2;

/** Runs `work` with a statement that records SQLite's setting while it is executed. A null place fails. */
const onFile = (
  work: (db: Kysely<Tables>, note: (place: string | null) => CompiledQuery) => Promise<void>,
) =>
  inFolder(async (folder) => {
    const db = new Kysely<Tables>({ dialect: sqliteDialect(`${folder}/plane.sqlite`) });
    try {
      await sql`create table notes (place text not null, synchronous integer)`.execute(db);
      await work(db, (place) =>
        sql`insert into notes select ${place}, synchronous from pragma_synchronous`.compile(db));
    } finally {
      await db.destroy();
    }
  });

async function notes(db: Kysely<Tables>): Promise<readonly object[]> {
  const { rows } = await sql<object>`select * from notes`.execute(db);
  return rows.map((row) => ({ ...row }));
}

Deno.test("each relaxed write is not flushed, and all other writes are", () =>
  onFile(async (db, note) => {
    await Promise.all([
      db.executeQuery(relaxedDurability(note("first"))),
      db.executeQuery(note("in between")),
      db.executeQuery(relaxedDurability(note("again"))),
      db.transaction().execute((trx) => trx.executeQuery(note("in a transaction"))),
    ]);
    assert.deepEqual(await notes(db), [
      { place: "first", synchronous: NORMAL },
      { place: "in between", synchronous: FULL },
      { place: "again", synchronous: NORMAL },
      { place: "in a transaction", synchronous: FULL },
    ]);
  }));

Deno.test("the write after a failed relaxed write is flushed", () =>
  onFile(async (db, note) => {
    await assert.rejects(
      db.executeQuery(relaxedDurability(note(null))),
      /NOT NULL constraint failed/,
    );
    await db.executeQuery(note("next"));
    assert.deepEqual(await notes(db), [
      { place: "next", synchronous: FULL },
    ]);
  }));
