/** One order as the dispatcher signs it when nothing else waits. */

import type { RunOrder, SignedOrder } from "../../../lib/contract/dispatch.ts";
import { signOrders } from "../../../lib/crypto/signed_order.ts";

export async function signedOrder(order: RunOrder, key: CryptoKey): Promise<SignedOrder> {
  const text = JSON.stringify(order);
  return { order: text, ...await signOrders([text], key) };
}
