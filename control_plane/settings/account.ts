/** The account on Bigeye's side: its data folder, its RSA key pair, and its first admin. */

import { generateKeyPair, type KeyPair, publicPemOf } from "../../lib/crypto/keys.ts";
import type { Clock, Files, LockFile } from "../../lib/ports.ts";
import { accountKeyForeign, accountKeyMissing } from "../../lib/problems/keys.ts";
import { dataFolderInUse, dataFolderOpen } from "../../lib/problems/plane.ts";
import { newApiKey } from "../http/api_key.ts";
import { MACHINE, type Store } from "../store/mod.ts";

/** What signs run orders and opens payloads on the plane. */
export interface Account extends KeyPair {
  /** The company's public key as `register` sent it, SPKI PEM; absent before the first host. */
  companyPublicPem(): Promise<string | undefined>;
}

export const DATABASE_FILE = "plane.sqlite";
const PRIVATE_KEY_FILE = "bigeye.private.pem";
const LOCK_FILE = "plane.lock";
const OTHERS = 0o077;
const TURN_MS = 200;
const TURNS = 150;

interface AccountNeeds {
  readonly folder: string;
  readonly files: Files;
  readonly store: Pick<Store, "accounts">;
}

/** Makes the folder, mode 0700, or checks that nobody else can read it. Throws `data_folder_open`. */
export async function openDataFolder(files: Files, folder: string): Promise<void> {
  await files.makeDir(folder, 0o700);
  const info = await files.stat(folder);
  if (info && (info.mode & OTHERS) !== 0) throw dataFolderOpen(folder, info.mode);
}

/**
 * Keeps a second control plane out of the folder until it is disposed: on one SQLite file two would
 * refuse each other's changes. Throws `data_folder_in_use`.
 */
export async function lockDataFolder(lockFile: LockFile, folder: string): Promise<Disposable> {
  const lock = await lockFile(`${folder}/${LOCK_FILE}`);
  if (!lock) throw dataFolderInUse(folder);
  return lock;
}

/**
 * Waits its turn on a folder that several control planes share, as they may on Postgres: only while
 * they make keys and users must one be alone. Throws `data_folder_in_use` after half a minute.
 */
export async function lockSharedFolder(
  lockFile: LockFile,
  folder: string,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Disposable> {
  for (let attempt = 1; attempt < TURNS; attempt++) {
    const lock = await lockFile(`${folder}/${LOCK_FILE}`);
    if (lock) return lock;
    await clock.sleep(TURN_MS, signal);
  }
  return await lockDataFolder(lockFile, folder);
}

/**
 * Reads the pair, or makes it at the first start. Throws `account_key_missing`, `account_key_foreign`
 * and `key_unreadable`.
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

/** The public half is not written down: it follows from the private one and cannot disagree with it. */
async function newPair(files: Files, path: string): Promise<KeyPair> {
  const pair = await generateKeyPair();
  await files.writeText(path, pair.privatePem, { mode: 0o600 });
  return pair;
}

/**
 * At the first start, makes the user "admin" and hands over its key, which is never shown again.
 * Handed over before it is stored: a crash in between leaves no user, and the next start makes another.
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
