/** The command backup: its content, and what is left when it fails. */

import assert from "node:assert/strict";
import { backup, type BackupFlags } from "../../../control_plane/commands/backup.ts";
import { MACHINE, openStore } from "../../../control_plane/store/mod.ts";
import type { Files } from "../../../lib/ports.ts";
import { systemFiles as files } from "../../../lib/system/files.ts";
import { manualClock } from "../../fakes/system/clock.ts";
import { capturedTerminal } from "../../fakes/cli/terminal.ts";
import { inFolder } from "../../fakes/system/temporary_folder.ts";

const clock = manualClock();

/** Runs the command. Returns what it prints to stdout. */
async function run(
  folder: string,
  flags: Partial<BackupFlags & { files: Files }> = {},
  variables = {},
) {
  const { files: used = files, ...typed } = flags;
  const terminal = capturedTerminal();
  await backup({ data: "plane", to: "saved", ...typed }, {
    env: (name) => new Map(Object.entries<string>(variables)).get(name),
    files: used,
    folder,
    stop: new AbortController().signal,
    terminal,
  });
  return terminal.said;
}

const textOf = (path: string): Promise<string | undefined> => files.readText(path);

/** Creates the data folder of a control plane with a gateway. */
async function planeIn(folder: string): Promise<string> {
  const data = `${folder}/plane`;
  await files.makeDir(data, 0o700);
  await files.writeText(`${data}/bigeye.private.pem`, "the account's", { mode: 0o600 });
  await files.writeText(`${data}/ca.private.pem`, "the authority's", { mode: 0o600 });
  await files.writeText(`${data}/ca.pem`, "for everybody", { mode: 0o644 });
  await files.writeText(`${data}/admin.key`, "nothing of ours", { mode: 0o600 });
  return data;
}

Deno.test("a backup has the committed data and the keys with their modes, and nothing else", () =>
  inFolder(async (folder) => {
    const data = await planeIn(folder);
    await using store = await openStore(`${data}/plane.sqlite`, clock);
    await store.users.add({ name: "ada", role: "admin", keyHash: "x" }, MACHINE);
    const names = ["plane.sqlite", "bigeye.private.pem", "ca.pem", "ca.private.pem"];
    assert.deepEqual(await run(folder), names.map((name) => `${folder}/saved/${name}`));
    await store.users.add({ name: "later", role: "member", keyHash: "y" }, MACHINE);

    assert.deepEqual(await files.list(folder), ["plane", "saved"]);
    assert.deepEqual(await files.list(`${folder}/saved`), names.toSorted());
    const modes = names.map(async (name) => (await files.stat(`${folder}/saved/${name}`))?.mode);
    assert.deepEqual(await Promise.all(modes), [0o600, 0o600, 0o644, 0o600]);
    assert.equal((await files.stat(`${folder}/saved`))?.mode, 0o700);
    assert.equal(await textOf(`${folder}/saved/ca.private.pem`), "the authority's");
    await using saved = await openStore(`${folder}/saved/plane.sqlite`, clock);
    assert.deepEqual((await saved.users.list()).map(({ name }) => name), ["ada"]);
  }));

Deno.test("a backup does not overwrite anything, not even an empty folder", () =>
  inFolder(async (folder) => {
    const data = await planeIn(folder);
    await using _store = await openStore(`${data}/plane.sqlite`, clock);
    await files.makeDir(`${folder}/saved`, 0o700);
    await assert.rejects(run(folder, { to: "saved/" }), { code: "backup_taken", exit: "conflict" });
    await assert.rejects(run(folder, { to: "plane" }), { code: "backup_taken" });
    assert.deepEqual(await files.list(folder), ["plane", "saved"]);
    assert.deepEqual(await files.list(`${folder}/saved`), []);
  }));

Deno.test("a backup is refused without an SQLite file, or if a Postgres is configured", () =>
  inFolder(async (folder) => {
    await assert.rejects(run(folder), { code: "backup_without_file", exit: "prerequisite" });
    const data = await planeIn(folder);
    await using _store = await openStore(`${data}/plane.sqlite`, clock);
    const variables = { BIGEYE_PLANE_DATABASE_URL: "postgres://plane@db.internal/plane" };
    await assert.rejects(run(folder, {}, variables), { code: "backup_without_file" });
    assert.deepEqual(await files.list(folder), ["plane"]);
  }));

Deno.test("a database that cannot be copied leaves no incomplete backup", () =>
  inFolder(async (folder) => {
    const data = await planeIn(folder);
    await files.writeText(`${data}/plane.sqlite`, "no database".repeat(100));
    await assert.rejects(run(folder), {
      code: "backup_not_copied",
      exit: "failed",
      message: `Cannot copy the database "${data}/plane.sqlite"`,
    });
    assert.deepEqual(await files.list(folder), ["plane"]);
  }));

Deno.test("a backup is flushed before it gets its name, and its name is flushed before it is printed", () =>
  inFolder(async (folder) => {
    const data = await planeIn(folder);
    await using _store = await openStore(`${data}/plane.sqlite`, clock);
    const done: string[] = [];
    const shown = (path: string) =>
      path.slice(folder.length).replace(/saved\.[0-9a-f-]{36}\.tmp/, "(temporary)");
    const watched: Files = {
      ...files,
      async writeText(path, ...rest) {
        await files.writeText(path, ...rest);
        done.push(`write ${shown(path)}`);
      },
      async flush(path) {
        await files.flush(path);
        done.push(`flush ${shown(path)}`);
      },
      async rename(path, to) {
        await files.rename(path, to);
        done.push(`rename ${shown(path)}`);
      },
    };
    await run(folder, { files: watched });
    assert.deepEqual(done, [
      "flush /(temporary)/plane.sqlite",
      "write /(temporary)/bigeye.private.pem",
      "write /(temporary)/ca.pem",
      "write /(temporary)/ca.private.pem",
      "flush /(temporary)",
      "rename /(temporary)",
      "flush ",
    ]);
  }));

// Otherwise the private keys that a killed backup had copied would stay on the disk.
Deno.test("a backup removes what a killed backup to the same folder has left, and nothing else", () =>
  inFolder(async (folder) => {
    const data = await planeIn(folder);
    await using _store = await openStore(`${data}/plane.sqlite`, clock);
    const id = crypto.randomUUID();
    const others = ["saved.tmp", "saved.old.tmp", `other.${id}.tmp`, `saved.${id}.tmp.mine`];
    for (const name of [`saved.${id}.tmp`, ...others]) {
      await files.makeDir(`${folder}/${name}`, 0o700);
      await files.writeText(`${folder}/${name}/ca.private.pem`, "the authority's");
    }
    await run(folder);
    assert.deepEqual(await files.list(folder), ["plane", "saved", ...others].toSorted());
  }));
