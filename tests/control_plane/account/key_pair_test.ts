/** The account's key pair. */

import assert from "node:assert/strict";
import { ensureAdmin } from "../../../control_plane/account/first_admin.ts";
import { openAccount } from "../../../control_plane/account/key_pair.ts";
import { MACHINE, type Store } from "../../../control_plane/store/mod.ts";
import { Problem } from "../../../lib/problems/problem.ts";
import { systemFiles as files } from "../../../lib/system/files.ts";
import { testStore } from "../../harness/databases/test_store.ts";
import { manualClock } from "../../fakes/system/clock.ts";
import { inFolder } from "../../fakes/system/temporary_folder.ts";
import { BIGEYE, STRANGER } from "../../fakes/keys/key_pairs.ts";

async function inAccount(test: (folder: string, store: Store) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    await using store = await testStore(manualClock());
    await test(folder, store);
  });
}

const withCode = (code: string) => (error: unknown) =>
  error instanceof Problem && error.code === code;

Deno.test("the key pair is created once, stored with mode 0600, and read again", () =>
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

Deno.test("a lost private key of an existing account is not replaced by a new one", () =>
  inAccount(async (folder, store) => {
    await ensureAdmin(store, () => Promise.resolve());
    await assert.rejects(openAccount({ folder, files, store }), withCode("account_key_missing"));
    assert.deepEqual(await files.list(folder), []);
  }));

Deno.test("a private key of another account than the database's is refused", () =>
  inAccount(async (folder, store) => {
    const path = `${folder}/bigeye.private.pem`;
    await files.writeText(path, BIGEYE.privatePem, { mode: 0o600 });
    await openAccount({ folder, files, store });
    await files.writeText(path, STRANGER.privatePem, { mode: 0o600 });
    await assert.rejects(openAccount({ folder, files, store }), withCode("account_key_foreign"));
  }));
