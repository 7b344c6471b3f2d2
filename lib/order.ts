/** A run order is signed by Bigeye and believed by one host only, for a while only. */

import * as v from "valibot";
import { type RunOrder, RunOrderSchema, type SignedOrder } from "./contract/dispatch.ts";
import {
  orderExpired,
  orderForAnotherHost,
  orderNotSigned,
  orderNotUnderstood,
  orderNotYetValid,
} from "./problems/order.ts";

/** RSASSA-PSS with a salt as long as the hash (RFC 8017, 8.1). */
const PSS = { name: "RSA-PSS", saltLength: 32 } as const;
/** How far the clocks of Bigeye and of a host may be apart, either way. */
const CLOCK_TOLERANCE_MS = 15 * 60_000;

/** Freezes an order as JSON text and signs its UTF-8 bytes with Bigeye's RSA-PSS key. */
export async function signOrder(order: RunOrder, key: CryptoKey): Promise<SignedOrder> {
  const text = JSON.stringify(order);
  const signature = await crypto.subtle.sign(PSS, key, new TextEncoder().encode(text));
  return { order: text, signature: new Uint8Array(signature).toBase64() };
}

export interface OrderReader {
  /** Bigeye's public key, imported to verify. */
  readonly publicKey: CryptoKey;
  readonly hostId: string;
}

/**
 * The order, once its signature and its host are right, however old: a run that the journal knows
 * already may well outlive its order. Throws `policy_denied`.
 */
export async function authenticOrder(signed: SignedOrder, reader: OrderReader): Promise<RunOrder> {
  if (!await isSigned(signed, reader.publicKey)) throw orderNotSigned();
  const order = readOrder(signed.order);
  if (order.host_id !== reader.hostId) throw orderForAnotherHost(order.host_id, reader.hostId);
  return order;
}

/** Refuses a new run outside its order's time; clocks may be 15 minutes apart. Throws `policy_denied`. */
export function refuseUntimely(order: RunOrder, now: Date): void {
  const early = Date.parse(order.issued_at) - CLOCK_TOLERANCE_MS;
  const late = Date.parse(order.expires_at) + CLOCK_TOLERANCE_MS;
  // Written so that a time which is no time is refused as well.
  if (!(now.getTime() >= early)) throw orderNotYetValid(order.issued_at, now.toISOString());
  if (!(now.getTime() <= late)) throw orderExpired(order.expires_at, now.toISOString());
}

/** Bigeye signed it, so what does not fit the schema comes from a Bigeye newer than this host. */
function readOrder(text: string): RunOrder {
  try {
    return v.parse(RunOrderSchema, JSON.parse(text));
  } catch (cause) {
    throw orderNotUnderstood(cause);
  }
}

async function isSigned({ order, signature }: SignedOrder, key: CryptoKey): Promise<boolean> {
  const bytes = signatureBytes(signature);
  if (!bytes) return false;
  return await crypto.subtle.verify(PSS, key, bytes, new TextEncoder().encode(order));
}

function signatureBytes(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    return undefined;
  }
}
