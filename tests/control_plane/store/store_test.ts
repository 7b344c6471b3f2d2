/** The store in an SQLite file: constraints, and files that are refused. */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { openStore } from "../../../control_plane/store/mod.ts";
import { Problem } from "../../../lib/problems/problem.ts";
import { manualClock } from "../../fakes/system/clock.ts";
import { inFolder } from "../../fakes/system/temporary_folder.ts";

const runRow = (id: string, status: string, ended: string) =>
  `insert into runs (id, job_id, job_name, host_id, agent_type, parameters, run_limit_seconds,
     trigger_source, status, connections, phases, created_at, ended_at)
   values ('${id}', 'j', 'n', 'h', 'lineage', '{}', 1, 'manual', '${status}', '[]', '[]', 'now', ${ended})`;

Deno.test("constraints refuse a second active run, an end without a time, and the deletion of a job with runs", () =>
  inFolder(async (folder) => {
    const path = `${folder}/plane.sqlite`;
    await (await openStore(path, manualClock()))[Symbol.asyncDispose]();
    using db = new DatabaseSync(path);
    db.exec(`insert into hosts (host_id, installation_id, managed_agents, version, registered_at)
      values ('h', 'i', '[]', '1', 'now')`);
    db.exec(
      `insert into jobs values ('j', 'n', 'h', 'lineage', '{}', 1, 'now', 'now', 1, null, null)`,
    );
    db.exec(runRow("a", "running", "null"));
    assert.throws(() => db.exec(runRow("b", "queued", "null")), /UNIQUE constraint failed: runs/);
    assert.throws(() => db.exec(runRow("c", "failed", "null")), /CHECK constraint failed/);
    assert.throws(() => db.exec("delete from jobs"), /FOREIGN KEY constraint failed/);
    db.exec(runRow("d", "failed", "'now'"));
  }));

/** Creates a database with two thousand users, so that the file has many pages. */
async function filledFile(path: string): Promise<void> {
  await (await openStore(path, manualClock()))[Symbol.asyncDispose]();
  using db = new DatabaseSync(path);
  db.exec(`insert into users with recursive n(i) as (select 1 union all select i + 1 from n
    where i < 2000) select i, hex(randomblob(100)), 'member', 'now' from n`);
}

Deno.test("a damaged database, or a file that is not a database, is refused with its name and a hint", () =>
  inFolder(async (folder) => {
    const path = `${folder}/plane.sqlite`;
    const changes: ((bytes: Uint8Array) => Uint8Array)[] = [
      () => new TextEncoder().encode("this is not a database, and long enough to be seen as none"),
      (bytes) => bytes.subarray(0, bytes.length / 2),
      (bytes) => bytes.fill(0xff, 0, 100),
      (bytes) => bytes.fill(0xff, bytes.length / 2, bytes.length / 2 + 5_000),
    ];
    for (const change of changes) {
      await filledFile(path);
      await Deno.writeFile(path, change(await Deno.readFile(path)));
      await assert.rejects(openStore(path, manualClock()), (error) => {
        assert.ok(error instanceof Problem);
        assert.deepEqual([error.code, error.message, error.hint], [
          "store_damaged",
          `Cannot use the database "${path}": it is damaged, or not an SQLite file`,
          `Move "${path}" and the files whose names begin with it to another folder, and restore the last backup`,
        ]);
        return true;
      });
      for (const suffix of ["", "-wal", "-shm"]) {
        await Deno.remove(`${path}${suffix}`).catch(() => {}); // SQLite removes some by itself
      }
    }
  }));

Deno.test("a folder in place of the file is refused", () =>
  inFolder((folder) =>
    assert.rejects(
      openStore(folder, manualClock()),
      (error) => error instanceof Problem && error.code === "store_unopened",
    )
  ));

Deno.test("a database of a newer version is refused and not changed", () =>
  inFolder(async (folder) => {
    const path = `${folder}/plane.sqlite`;
    await (await openStore(path, manualClock()))[Symbol.asyncDispose]();
    using db = new DatabaseSync(path);
    const steps = Number(db.prepare("select count(*) as n from kysely_migration").get()?.["n"]);
    db.exec("insert into kysely_migration values ('9999_later', '2027-01-01T00:00:00.000Z')");
    db.exec("alter table users add column email text");
    await assert.rejects(openStore(path, manualClock()), {
      code: "store_newer",
      message: `Cannot use the database "${path}": a newer version has changed it ("9999_later")`,
      hint: "Run that version or a later one, or restore the backup from before the upgrade",
    });
    assert.equal(db.prepare("select count(*) as n from kysely_migration").get()?.["n"], steps + 1);
  }));
