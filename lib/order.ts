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
import { isSigned, signText } from "./signature.ts";

/** How far the clocks of Bigeye and of a host may be apart, either way. */
const CLOCK_TOLERANCE_MS = 15 * 60_000;

/** Freezes an order as JSON text and signs its UTF-8 bytes with Bigeye's RSA-PSS key. */
export async function signOrder(order: RunOrder, key: CryptoKey): Promise<SignedOrder> {
  const text = JSON.stringify(order);
  return { order: text, signature: await signText(text, key) };
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
export async function authenticOrder(
  { order: text, signature }: SignedOrder,
  reader: OrderReader,
): Promise<RunOrder> {
  if (!await isSigned({ text, signature }, reader.publicKey)) throw orderNotSigned();
  const order = readOrder(text);
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

/**
 * The order of a text that Bigeye is known to have signed, so what does not fit the schema comes from a
 * Bigeye newer than this host. Throws `policy_denied`.
 */
export function readOrder(text: string): RunOrder {
  try {
    return v.parse(RunOrderSchema, JSON.parse(text));
  } catch (cause) {
    throw orderNotUnderstood(cause);
  }
}
