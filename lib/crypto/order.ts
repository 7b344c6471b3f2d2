/** A run order is signed by Bigeye and believed by one host only, for a while only. */

import * as v from "valibot";
import {
  OrderManifestSchema,
  type RunOrder,
  RunOrderSchema,
  type SignedOrder,
} from "../contract/dispatch.ts";
import {
  orderExpired,
  orderForAnotherHost,
  orderNotSigned,
  orderNotUnderstood,
  orderNotYetValid,
} from "../problems/run.ts";
import { isSigned, signText } from "./signature.ts";

/** How far the clocks of Bigeye and of a host may be apart, either way. */
const CLOCK_TOLERANCE_MS = 15 * 60_000;

/** What makes an order believed; the same for all that were signed together. */
export type OrderProof = Omit<SignedOrder, "order">;

/** Signs orders, each the JSON text of a {@linkcode RunOrder}, all at once with Bigeye's RSA-PSS key. */
export async function signOrders(
  orders: readonly string[],
  key: CryptoKey,
): Promise<OrderProof> {
  const sha256 = await Promise.all(orders.map(hashOf));
  const manifest = JSON.stringify({ kind: "run_orders", sha256 });
  return { manifest, signature: await signText(manifest, key) };
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
  { order: text, manifest, signature }: SignedOrder,
  reader: OrderReader,
): Promise<RunOrder> {
  if (!await isSigned({ text: manifest, signature }, reader.publicKey)) throw orderNotSigned();
  if (!hashesIn(manifest).includes(await hashOf(text))) throw orderNotSigned();
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
  return understood(RunOrderSchema, text);
}

function hashesIn(manifest: string): readonly string[] {
  return understood(OrderManifestSchema, manifest).sha256;
}

function understood<SCHEMA extends v.GenericSchema>(
  schema: SCHEMA,
  text: string,
): v.InferOutput<SCHEMA> {
  try {
    return v.parse(schema, JSON.parse(text));
  } catch (cause) {
    throw orderNotUnderstood(cause);
  }
}

async function hashOf(order: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(order));
  return new Uint8Array(digest).toBase64();
}
