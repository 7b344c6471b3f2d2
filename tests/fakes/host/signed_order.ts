/** Signs one order as the dispatcher does. */

import type { RunOrder, SignedOrder } from "../../../lib/contract/dispatch.ts";
import { signOrders } from "../../../lib/crypto/signed_order.ts";

export async function signedOrder(order: RunOrder, key: CryptoKey): Promise<SignedOrder> {
  const text = JSON.stringify(order);
  return { order: text, ...await signOrders([text], key) };
}
