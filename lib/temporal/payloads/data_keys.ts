/** The AES keys of the envelope codec: few are made, and few are unwrapped, as RSA-4096 is slow. */

import { createSecretKey, type KeyObject } from "node:crypto";
import { fingerprint, importKey, publicPemOf } from "../../crypto/keys.ts";
import type { Clock } from "../../ports.ts";

/** A data key, and itself wrapped with RSA-OAEP for each recipient, by the recipient's fingerprint. */
export interface DataKey {
  readonly key: KeyObject;
  readonly wrapped: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

export interface DataKeyNeeds {
  /** This side's private key; what is wrapped for it can be opened here. */
  readonly privatePem: string;
  /** Public keys of everybody who may read what this side seals. They may change over time. */
  readonly recipients: () => Promise<readonly string[]>;
  readonly clock: Pick<Clock, "monotonic">;
}

export interface DataKeys {
  /** A key to seal one payload with. */
  toSeal(): Promise<DataKey>;
  /** The key that is wrapped for this side; `undefined` when none is, or none that it can unwrap. */
  toOpen(wrapped: DataKey["wrapped"]): Promise<KeyObject | undefined>;
}

const REUSE_MS = 5 * 60_000;
/**
 * Random 96-bit nonces are good for 2^32 seals of one key (NIST SP 800-38D, 8.3); this is far below.
 */
const REUSE_SEALS = 2 ** 20;
/** Unwrapped keys that are kept; at one key a sender in 5 minutes that is hours of two senders. */
const KEPT_KEYS = 64;

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
    // Set again even when it was there: the map's order is the order of last use.
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

function forgetOldest(kept: Map<string, unknown>): void {
  if (kept.size <= KEPT_KEYS) return;
  const [oldest] = kept.keys();
  if (oldest !== undefined) kept.delete(oldest);
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => made ??= make();
}
