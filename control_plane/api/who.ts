/** Who is calling, by the `Authorization: apikey <key>` header, and whether they may. */

import {
  adminKeyRequired,
  keyKindRefused,
  keyMissing,
  keyUnknown,
} from "../../lib/problems/rest.ts";
import type { AccountStore } from "../store/accounts.ts";
import type { Actor, KeyOwner } from "../store/mod.ts";
import { hashOfKey } from "./api_key.ts";
import type { Who } from "./route.ts";

/** Throws `unauthenticated` when there is no key, or none of this account. */
export async function callerOf(
  accounts: Pick<AccountStore, "useKey">,
  { authorization, from }: { authorization: string | undefined; from: string | undefined },
): Promise<KeyOwner> {
  const key = /^apikey +(\S+)$/i.exec(authorization ?? "")?.[1];
  if (key === undefined) throw keyMissing();
  const caller = await accounts.useKey(await hashOfKey(key), from);
  if (!caller) throw keyUnknown();
  return caller;
}

/** As whom the audit list names a caller; without a key nothing is changed, so that one is never read. */
export function actorOf(caller: KeyOwner | undefined, from: string | undefined): Actor {
  const where = from === undefined ? {} : { from };
  if (!caller) return { name: "nobody", ...where };
  const { keyId } = caller;
  if (caller.kind !== "personal") return { name: caller.name, keyId, ...where };
  return { name: caller.user.name, userId: caller.user.id, keyId, ...where };
}

/** Throws `admin_key_required` or `key_kind_refused`; `action` ends the sentence "Cannot …". */
export function authorize(caller: KeyOwner, { who, action }: { who: Who; action: string }): void {
  if (who === "anyone" || who === "any_key" || isAdmin(caller)) return;
  if (who === "personal") {
    if (caller.kind === "personal") return;
    throw keyKindRefused(action, "a Personal API Key");
  }
  if (who === "agent_or_admin" && caller.kind !== "personal") {
    if (caller.kind === "agent") return;
    throw keyKindRefused(action, "an Agent API Key");
  }
  throw adminKeyRequired(action);
}

export function isAdmin(caller: KeyOwner | undefined): boolean {
  return caller?.kind === "personal" && caller.user.role === "admin";
}
