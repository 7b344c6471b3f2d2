/** The account's folder, key pair and first admin. */

import assert from "node:assert/strict";
import {
  ensureAdmin,
  lockDataFolder,
  lockSharedFolder,
  openAccount,
  openDataFolder,
} from "../../../control_plane/settings/account.ts";
import { hashOfKey } from "../../../control_plane/http/authentication.ts";
import { MACHINE, type Store } from "../../../control_plane/store/mod.ts";
import { Problem } from "../../../lib/problems/problem.ts";
import { systemFiles as files, systemLockFile } from "../../../lib/system/files.ts";
import { testStore } from "../../harness/databases/test_store.ts";
import { manualClock } from "../../fakes/system/clock.ts";
import { BIGEYE, STRANGER } from "../../fakes/keys/key_pairs.ts";

async function inAccount(test: (folder: string, store: Store) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await using store = await testStore(manualClock());
    await test(folder, store);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const withCode = (code: string) => (error: unknown) =>
  error instanceof Problem && error.code === code;

Deno.test("the key pair is made once, kept with mode 0600, and read again", () =>
  inAccount(async (folder, store) => {
    const made = await openAccount({ folder, files, store });
    const path = `${folder}/bigeye.private.pem`;
    assert.deepEqual([await files.readText(path), (await files.stat(path))?.mode], [
      made.privatePem,
      0o600,
    ]);
    const { privatePem, publicPem } = await openAccount({ folder, files, store });
    assert.deepEqual([privatePem, publicPem], [made.privatePem, made.publicPem]);
    assert.equal(await made.companyPublicPem(), undefined);
    await store.accounts.setCompanyPublicKey("pem", MACHINE);
    assert.equal(await made.companyPublicPem(), "pem");
  }));

Deno.test("a lost private key of a known account is not replaced by another", () =>
  inAccount(async (folder, store) => {
    await ensureAdmin(store, () => Promise.resolve());
    await assert.rejects(openAccount({ folder, files, store }), withCode("account_key_missing"));
    assert.deepEqual(await files.list(folder), []);
  }));

// Another user of the machine reads the account's private key from the data folder.
Deno.test("a folder that others can read is refused, a new one is closed to them", () =>
  inAccount(async (folder) => {
    const fresh = `${folder}/a/b`;
    await openDataFolder(files, fresh);
    assert.equal((await files.stat(fresh))?.mode, 0o700);
    await files.chmod(fresh, 0o750);
    await assert.rejects(openDataFolder(files, fresh), withCode("data_folder_open"));
  }));

Deno.test("the first admin's key is handed over once and is the admin's", () =>
  inAccount(async (_, store) => {
    const handed: string[] = [];
    const handOver = (key: string) => Promise.resolve(void handed.push(key));
    await ensureAdmin(store, handOver);
    await ensureAdmin(store, handOver);
    assert.equal(handed.length, 1);
    const owner = await store.accounts.useKey(hashOfKey(handed[0] ?? ""));
    assert.equal(owner?.kind === "personal" && owner.user.role, "admin");
  }));

Deno.test("an admin whose key could not be handed over is not made", () =>
  inAccount(async (_, store) => {
    await assert.rejects(ensureAdmin(store, () => Promise.reject(new Error("disk full"))));
    assert.equal(await store.accounts.hasUsers(), false);
  }));

Deno.test("a data folder has one control plane at a time", () =>
  inAccount(async (folder) => {
    {
      using _first = await lockDataFolder(systemLockFile, folder);
      await assert.rejects(lockDataFolder(systemLockFile, folder), {
        code: "data_folder_in_use",
        message: `Cannot start a second control plane on "${folder}": another one uses it`,
        hint: "Stop that one first, or name another folder with --data",
        exit: "conflict",
      });
    }
    using _next = await lockDataFolder(systemLockFile, folder);
  }));

Deno.test("another account's private key is refused beside this one's database", () =>
  inAccount(async (folder, store) => {
    const path = `${folder}/bigeye.private.pem`;
    await files.writeText(path, BIGEYE.privatePem, { mode: 0o600 });
    await openAccount({ folder, files, store });
    await files.writeText(path, STRANGER.privatePem, { mode: 0o600 });
    await assert.rejects(openAccount({ folder, files, store }), withCode("account_key_foreign"));
  }));

Deno.test("on a shared folder the second one waits until the first has let go", () =>
  inAccount(async (folder) => {
    const clock = manualClock();
    const signal = new AbortController().signal;
    const first = await lockDataFolder(systemLockFile, folder);
    const turn = Promise.withResolvers<void>();
    const waiting = lockSharedFolder(systemLockFile, folder, {
      clock: {
        ...clock,
        sleep() {
          first[Symbol.dispose]();
          turn.resolve();
          return Promise.resolve();
        },
      },
      signal,
    });
    await turn.promise;
    using _second = await waiting;
  }));
