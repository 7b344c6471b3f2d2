/** The command admin-key, with which the owner of the machine gets access again. */

import assert from "node:assert/strict";
import { lockDataFolder } from "../../../control_plane/account/data_folder.ts";
import { ensureAdmin } from "../../../control_plane/account/first_admin.ts";
import { adminKey, type AdminKeyFlags } from "../../../control_plane/commands/admin_key.ts";
import { hashOfKey } from "../../../control_plane/http/authentication.ts";
import { MACHINE, openStore, type Store } from "../../../control_plane/store/mod.ts";
import { systemFiles as files, systemLockFile as lockFile } from "../../../lib/system/files.ts";
import { manualClock } from "../../fakes/system/clock.ts";
import { BIGEYE } from "../../fakes/keys/key_pairs.ts";
import { capturedTerminal } from "../../fakes/cli/terminal.ts";
import { inFolder } from "../../fakes/system/temporary_folder.ts";

const clock = manualClock();

/** Runs the command. Returns what it prints to stdout and stderr. */
async function run(folder: string, flags: Partial<AdminKeyFlags> = {}) {
  const terminal = capturedTerminal();
  await adminKey(
    { user: "admin", data: "plane", ...flags },
    {
      terminal,
      stop: new AbortController().signal,
      clock,
      env: () => undefined,
      files,
      lockFile,
      log: () => {},
      folder,
    },
  );
  return { said: terminal.said, noted: terminal.noted };
}

async function inStore<T>(folder: string, work: (store: Store) => Promise<T>): Promise<T> {
  await using store = await openStore(`${folder}/plane/plane.sqlite`, clock);
  return await work(store);
}

/** Returns the name and the role of the key's owner. */
function ownerOf(folder: string, key = ""): Promise<unknown> {
  return inStore(folder, async ({ accounts }) => {
    const owner = await accounts.useKey(hashOfKey(key));
    return owner?.kind === "personal" ? `${owner.user.name} ${owner.user.role}` : owner;
  });
}

/** Runs a test with a data folder that has a key pair, because creating one takes seconds. */
function inPlane(test: (folder: string) => Promise<void>): Promise<void> {
  return inFolder(async (folder) => {
    await files.makeDir(`${folder}/plane`, 0o700);
    const key = `${folder}/plane/bigeye.private.pem`;
    await files.writeText(key, BIGEYE.privatePem, { mode: 0o600 });
    await test(folder);
  });
}

Deno.test("admin-key creates a key for a new admin, a known admin, or a member who becomes an admin", () =>
  inPlane(async (folder) => {
    const first = await run(folder);
    assert.deepEqual([first.said.length, first.noted], [1, [
      'Created a Personal API Key for the admin "admin": it is above and is not shown again.',
      `This is a new account: there was none in "${folder}/plane" yet.`,
    ]]);
    assert.equal(await ownerOf(folder, first.said[0]), "admin admin");

    const second = await run(folder);
    assert.equal(await ownerOf(folder, second.said[0]), "admin admin");
    assert.equal(await ownerOf(folder, first.said[0]), "admin admin");

    await inStore(
      folder,
      ({ users }) => users.add({ name: "Max", role: "member", keyHash: "x" }, MACHINE),
    );
    const third = await run(folder, { user: "max", adminKeyFile: "max.key" });
    assert.deepEqual(third, {
      said: [],
      noted: [
        `Created a Personal API Key for the admin "max": it is in "${folder}/max.key" and is not shown again.`,
        "This user's other keys still work; revoke those that are lost.",
      ],
    });
    const text = await files.readText(`${folder}/max.key`) ?? "";
    assert.equal((await files.stat(`${folder}/max.key`))?.mode, 0o600);
    assert.equal(await ownerOf(folder, text.trimEnd()), "Max admin");

    const { entries } = await inStore(folder, ({ audit }) => audit.list({ limit: 10 }));
    const machine = { name: "control plane machine", user_id: null, key_id: null, from: null };
    assert.deepEqual(entries.map(({ actor }) => actor), entries.map(() => machine));
    assert.deepEqual(
      entries.map(({ action, target }) => `${action} ${target.name}`).toSorted(),
      [
        "key.create admin-key",
        "key.create admin-key",
        "user.add Max",
        "user.add admin",
        "user.update Max",
      ],
    );

    // "serve" uses the account and creates no other admin.
    await inStore(
      folder,
      (store) => ensureAdmin(store, () => Promise.reject(new Error("there is one"))),
    );
  }));

Deno.test("admin-key is refused while a control plane uses the folder, and changes nothing", () =>
  inPlane(async (folder) => {
    using _serving = await lockDataFolder(lockFile, `${folder}/plane`);
    await assert.rejects(run(folder), { code: "data_folder_in_use" });
    assert.deepEqual(await files.list(`${folder}/plane`), ["bigeye.private.pem", "plane.lock"]);
  }));
