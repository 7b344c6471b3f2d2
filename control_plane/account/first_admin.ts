/** The account's first admin, and its key. */

import { newApiKey } from "../http/authentication.ts";
import { MACHINE, type Store } from "../store/mod.ts";

/**
 * Creates the user "admin" at the first start and hands over its key, which is not shown again. Hands it
 * over before storing it: after a crash in between there is no user, and the next start tries again.
 */
export async function ensureAdmin(
  store: Pick<Store, "accounts" | "users">,
  handOver: (key: string) => Promise<void>,
): Promise<void> {
  if (await store.accounts.hasUsers()) return;
  const { key, hash } = newApiKey("personal");
  await handOver(key.reveal());
  await store.users.add({ name: "admin", role: "admin", keyHash: hash }, MACHINE);
}
