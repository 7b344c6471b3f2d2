/** The account's RSA key pair, in its data folder. */

import { generateKeyPair, type KeyPair, publicPemOf } from "../../lib/crypto/keys.ts";
import type { Files } from "../../lib/ports.ts";
import { accountKeyForeign, accountKeyMissing } from "../../lib/problems/keys.ts";
import type { Store } from "../store/mod.ts";

/** The key pair that signs run orders and decrypts payloads in the control plane. */
export interface Account extends KeyPair {
  /** Returns the company's public key (SPKI PEM) as `register` sent it; `undefined` before the first host. */
  companyPublicPem(): Promise<string | undefined>;
}

const PRIVATE_KEY_FILE = "bigeye.private.pem";

interface AccountNeeds {
  readonly folder: string;
  readonly files: Files;
  readonly store: Pick<Store, "accounts">;
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
