/** The account: its data folder with lock, its RSA key pair, and its first admin. */

import { generateKeyPair, type KeyPair, publicPemOf } from "../../lib/crypto/keys.ts";
import type { Clock, Files, LockFile } from "../../lib/ports.ts";
import { accountKeyForeign, accountKeyMissing } from "../../lib/problems/keys.ts";
import { dataFolderInUse, dataFolderOpen } from "../../lib/problems/plane.ts";
import { newApiKey } from "../http/authentication.ts";
import { MACHINE, type Store } from "../store/mod.ts";

/** The key pair that signs run orders and decrypts payloads in the control plane. */
export interface Account extends KeyPair {
  /** Returns the company's public key (SPKI PEM) as `register` sent it; `undefined` before the first host. */
  companyPublicPem(): Promise<string | undefined>;
}

export const DATABASE_FILE = "plane.sqlite";
const PRIVATE_KEY_FILE = "bigeye.private.pem";
const LOCK_FILE = "plane.lock";
const GROUP_AND_OTHERS = 0o077;
const RETRY_EVERY_MS = 200;
const ATTEMPTS = 150;

interface AccountNeeds {
  readonly folder: string;
  readonly files: Files;
  readonly store: Pick<Store, "accounts">;
}

/** Creates the folder with mode 0700, or checks that others cannot read it. @throws `data_folder_open`. */
export async function openDataFolder(files: Files, folder: string): Promise<void> {
  await files.makeDir(folder, 0o700);
  const info = await files.stat(folder);
  if (info && (info.mode & GROUP_AND_OTHERS) !== 0) throw dataFolderOpen(folder, info.mode);
}

/**
 * Locks the folder until disposed. Two control planes on one SQLite file would block each other's writes.
 * @throws `data_folder_in_use`.
 */
export async function lockDataFolder(lockFile: LockFile, folder: string): Promise<Disposable> {
  const lock = await lockFile(`${folder}/${LOCK_FILE}`);
  if (!lock) throw dataFolderInUse(folder);
  return lock;
}

/**
 * Waits for the lock of a folder that several control planes share, as they may with Postgres. They hold it
 * only while they create keys and users.
 * @throws `data_folder_in_use` after 30 s.
 */
export async function lockSharedFolder(
  lockFile: LockFile,
  folder: string,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Disposable> {
  for (let attempt = 1; attempt < ATTEMPTS; attempt++) {
    const lock = await lockFile(`${folder}/${LOCK_FILE}`);
    if (lock) return lock;
    await clock.sleep(RETRY_EVERY_MS, signal);
  }
  return await lockDataFolder(lockFile, folder);
}

/**
 * Reads the account's key pair, or creates it at the first start.
 * @throws `account_key_missing`, `account_key_foreign`, `key_unreadable`.
 */
export async function openAccount({ folder, files, store }: AccountNeeds): Promise<Account> {
  const path = `${folder}/${PRIVATE_KEY_FILE}`;
  const known = await files.readText(path);
  if (known === undefined && await store.accounts.hasUsers()) throw accountKeyMissing(path);
  const pair = known === undefined
    ? await newPair(files, path)
    : { privatePem: known, publicPem: await publicPemOf(known) };
  if (!await store.accounts.keepOwnKey(pair.publicPem)) throw accountKeyForeign(path);
  return { ...pair, companyPublicPem: () => store.accounts.companyPublicKey() };
}

/** Stores only the private key, from which the public key is derived. */
async function newPair(files: Files, path: string): Promise<KeyPair> {
  const pair = await generateKeyPair();
  await files.writeText(path, pair.privatePem, { mode: 0o600 });
  return pair;
}

/**
 * Creates the user "admin" at the first start and hands over its key, which is not shown again. Hands it
 * over before storing it: after a crash in between there is no user, and the next start tries again.
 */
export async function ensureAdmin(
  store: Pick<Store, "accounts" | "users">,
  handOver: (key: string) => Promise<void>,
): Promise<void> {
  if (await store.accounts.hasUsers()) return;
  const { key, hash } = newApiKey("personal");
  await handOver(key.reveal());
  await store.users.add({ name: "admin", role: "admin", keyHash: hash }, MACHINE);
}
