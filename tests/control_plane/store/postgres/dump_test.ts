/** Backup and restore of a Postgres with the two commands of docs/operate/backup.md. */

import assert from "node:assert/strict";
import { MACHINE, openStore } from "../../../../control_plane/store/mod.ts";
import { POSTGRES, testDatabase } from "../../../harness/databases/postgres_cluster.ts";
import { postgresTest as test } from "../../../harness/databases/test_store.ts";
import { manualClock } from "../../../fakes/system/clock.ts";
import { inFolder } from "../../../fakes/system/temporary_folder.ts";

const clock = manualClock();

async function run(program: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await new Deno.Command(`${POSTGRES}/${program}`, { args: [...args] })
    .output();
  assert.deepEqual([code, new TextDecoder().decode(stderr)], [0, ""]);
}

test("a dump of a database in use can be restored into an empty database", () =>
  inFolder(async (folder) => {
    await using plane = await testDatabase();
    await using restored = await testDatabase();
    await using store = await openStore(plane.url, clock);
    await store.users.add({ name: "ada", role: "admin", keyHash: "x" }, MACHINE);
    const users = await store.users.list();

    const dump = `${folder}/plane.dump`;
    await run("pg_dump", ["--format=custom", `--file=${dump}`, plane.url]);
    await store.users.add({ name: "later", role: "member", keyHash: "y" }, MACHINE);
    const into = ["--no-owner", "--exit-on-error", `--dbname=${restored.url}`];
    await run("pg_restore", [...into, dump]);

    await using again = await openStore(restored.url, clock);
    assert.deepEqual(await again.users.list(), users);
  }));
