/** What may be lost in a power cut is written without a flush, and nothing else is. */

import assert from "node:assert/strict";
import { Kysely, sql } from "kysely";
import { sqliteDialect } from "../../../control_plane/store/sqlite.ts";
import type { Tables } from "../../../control_plane/store/tables.ts";
import { unflushed } from "../../../control_plane/store/unflushed.ts";
import { inFolder } from "../../fakes/temporary_folder.ts";

/** https://www.sqlite.org/pragma.html#pragma_synchronous */
const NORMAL = 1;
const FULL = 2;

async function synchronousOf(db: Kysely<Tables>): Promise<unknown> {
  const { rows } = await sql<{ synchronous: number }>`pragma synchronous`.execute(db);
  return rows[0]?.synchronous;
}

const onFile = (work: (db: Kysely<Tables>) => Promise<void>) =>
  inFolder(async (folder) => {
    const db = new Kysely<Tables>({ dialect: sqliteDialect(`${folder}/plane.sqlite`) });
    try {
      await work(db);
    } finally {
      await db.destroy();
    }
  });

Deno.test("a write is not flushed, and the one that comes meanwhile is", () =>
  onFile(async (db) => {
    const next = await unflushed(db, async (connection) => {
      const waiting = db.transaction().execute(synchronousOf);
      assert.equal(await synchronousOf(connection), NORMAL);
      return { waiting };
    });
    assert.equal(await next.waiting, FULL);
  }));

Deno.test("after a write that has failed, too, the next one is flushed", () =>
  onFile(async (db) => {
    const failing = unflushed(db, (connection) => sql`select missing`.execute(connection));
    await assert.rejects(failing, /no such column/);
    assert.equal(await synchronousOf(db), FULL);
  }));
