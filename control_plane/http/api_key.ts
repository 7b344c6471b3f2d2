/** API keys: making one, and the hash that is all the store knows of it. */

import { hash } from "node:crypto";
import { Secret } from "../../lib/crypto/secret.ts";
import type { KeyKind } from "../store/tables.ts";

/** The documentation shows `bigeye_pak_`; the other prefixes are ours, and none is ever checked. */
const PREFIXES: Readonly<Record<KeyKind, string>> = {
  personal: "bigeye_pak_",
  agent: "bigeye_aak_",
  integration: "bigeye_iak_",
};
const KEY_BYTES = 32;

export interface NewApiKey {
  readonly key: Secret;
  readonly hash: string;
}

export function newApiKey(kind: KeyKind): NewApiKey {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  const key = PREFIXES[kind] + bytes.toBase64({ alphabet: "base64url", omitPadding: true });
  return { key: new Secret(key), hash: hashOfKey(key) };
}

/**
 * SHA-256, 64 hexadecimal digits. A slow hash protects what can be guessed; 256 random bits cannot
 * be, and a slow one would be paid at each request. Looking the hash up takes no time that depends
 * on how much of a guessed key is right, since a guess of the key does not steer its hash. Not by
 * WebCrypto: it hands each digest to another thread, which was seen to take 2 ms on a busy machine.
 */
export function hashOfKey(key: string): string {
  return hash("sha256", key, "hex");
}
