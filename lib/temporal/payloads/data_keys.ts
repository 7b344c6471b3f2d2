/** The AES keys of the envelope codec. They are reused and cached, because RSA-4096 is slow. */

import { createSecretKey, type KeyObject } from "node:crypto";
import { fingerprint, importKey, publicPemOf } from "../../crypto/keys.ts";
import type { Clock } from "../../ports.ts";

/** A data key, and the same key wrapped with RSA-OAEP for each recipient, by the recipient's fingerprint. */
export interface DataKey {
  readonly key: KeyObject;
  readonly wrapped: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

export interface DataKeyNeeds {
  /** This side's private key, which unwraps the data keys that were wrapped for this side. */
  readonly privatePem: string;
  /** Public keys of all who may read what this side seals. They may change over time. */
  readonly recipients: () => Promise<readonly string[]>;
  readonly clock: Pick<Clock, "monotonic">;
}

export interface DataKeys {
  /** Returns a key to seal one payload with. */
  toSeal(): Promise<DataKey>;
  /** Unwraps the key for this side; `undefined` if there is none for it, or it cannot be unwrapped. */
  toOpen(wrapped: DataKey["wrapped"]): Promise<KeyObject | undefined>;
}

const REUSE_MS = 5 * 60_000;
/** Far below 2^32, the number of random 96-bit nonces that one key allows (NIST SP 800-38D, 8.3). */
const REUSE_SEALS = 2 ** 20;
/** Unwrapped keys in the cache. A sender makes one key in 5 minutes, so this covers hours of two senders. */
const CACHED_KEYS = 64;

export function createDataKeys({ privatePem, recipients, clock }: DataKeyNeeds): DataKeys {
  const own = once(() => ownKey(privatePem));
  const opened = new Map<string, Promise<KeyObject>>();
  let current:
    | { audience: string; since: number; seals: number; key: Promise<DataKey> }
    | undefined;

  async function toSeal(): Promise<DataKey> {
    const pems = await recipients();
    const audience = pems.join("\n");
    const isFresh = current !== undefined && current.audience === audience &&
      clock.monotonic() - current.since < REUSE_MS && current.seals < REUSE_SEALS;
    if (!current || !isFresh) {
      const key = makeDataKey(pems);
      current = { audience, since: clock.monotonic(), seals: 0, key };
      key.catch(() => current = undefined);
    }
    current.seals++;
    return await current.key;
  }

  async function toOpen(wrapped: DataKey["wrapped"]): Promise<KeyObject | undefined> {
    const { id, key } = await own();
    const mine = wrapped.get(id);
    if (!mine) return undefined;
    const text = mine.toBase64();
    const known = opened.get(text) ?? unwrap(mine, key);
    // Set again even if present, so that the map's order is the order of last use.
    opened.delete(text);
    opened.set(text, known);
    forgetOldest(opened);
    try {
      return await known;
    } catch {
      opened.delete(text);
      return undefined;
    }
  }

  return { toSeal, toOpen };
}

async function ownKey(privatePem: string): Promise<{ id: string; key: CryptoKey }> {
  const id = await fingerprint(await publicPemOf(privatePem));
  return { id, key: await importKey(privatePem, "decrypt") };
}

async function makeDataKey(recipients: readonly string[]): Promise<DataKey> {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const wrapped = await Promise.all(recipients.map(async (pem) => {
    const key = await importKey(pem, "encrypt");
    const text = await crypto.subtle.encrypt("RSA-OAEP", key, bytes);
    return [await fingerprint(pem), new Uint8Array(text)] as const;
  }));
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return { key, wrapped: new Map(wrapped) };
}

async function unwrap(wrapped: Uint8Array<ArrayBuffer>, key: CryptoKey): Promise<KeyObject> {
  const bytes = await crypto.subtle.decrypt("RSA-OAEP", key, wrapped);
  return createSecretKey(new Uint8Array(bytes));
}

function forgetOldest(cached: Map<string, unknown>): void {
  if (cached.size <= CACHED_KEYS) return;
  const [oldest] = cached.keys();
  if (oldest !== undefined) cached.delete(oldest);
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => made ??= make();
}
