/** Run orders: Bigeye signs them, and one host accepts each of them for a limited time. */

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

/** How far the clocks of Bigeye and of a host may differ, either way. */
const CLOCK_TOLERANCE_MS = 15 * 60_000;

/** RSASSA-PSS with a salt as long as the hash (RFC 8017, 8.1). */
const PSS = { name: "RSA-PSS", saltLength: 32 } as const;

/** The part of a signed order that all orders signed together share. */
export type OrderProof = Omit<SignedOrder, "order">;

/**
 * Signs orders together, with one signature of Bigeye's RSA-PSS key.
 * @param orders the JSON text of a {@linkcode RunOrder} each
 */
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
 * Returns the order if Bigeye signed it for this host, however old it is: a run that is already in the
 * journal may outlive its order.
 * @throws `policy_denied`
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

/**
 * Refuses an order before it was issued or after it has expired, with 15 minutes of tolerance.
 * @throws `policy_denied`
 */
export function refuseUntimely(order: RunOrder, now: Date): void {
  const early = Date.parse(order.issued_at) - CLOCK_TOLERANCE_MS;
  const late = Date.parse(order.expires_at) + CLOCK_TOLERANCE_MS;
  // The comparisons are negated so that a time that cannot be parsed (NaN) is refused as well.
  if (!(now.getTime() >= early)) throw orderNotYetValid(order.issued_at, now.toISOString());
  if (!(now.getTime() <= late)) throw orderExpired(order.expires_at, now.toISOString());
}

/**
 * Parses the text of an order that Bigeye is known to have signed. If it does not fit the schema, Bigeye
 * is newer than this host.
 * @throws `policy_denied`
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

/**
 * Signs the UTF-8 bytes of a text with a private RSA-PSS key; returns base64. Signing a text instead of
 * an object makes the check independent of how JSON is written.
 */
export async function signText(text: string, key: CryptoKey): Promise<string> {
  const signature = await crypto.subtle.sign(PSS, key, new TextEncoder().encode(text));
  return new Uint8Array(signature).toBase64();
}

/** Whether {@linkcode signText} made this signature of this text with the private half of `key`. */
export async function isSigned(
  { text, signature }: { readonly text: string; readonly signature: string },
  key: CryptoKey,
): Promise<boolean> {
  const bytes = signatureBytes(signature);
  if (!bytes) return false;
  return await crypto.subtle.verify(PSS, key, bytes, new TextEncoder().encode(text));
}

function signatureBytes(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    return undefined;
  }
}
