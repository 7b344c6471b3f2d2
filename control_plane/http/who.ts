/** Who is calling, as the audit list names them, and whether they may. */

import { adminKeyRequired, keyKindRefused } from "../../lib/problems/rest.ts";
import type { Actor, KeyOwner } from "../store/mod.ts";

/** Who may call: "personal" is any user's key; an admin's key may do everything. */
export type Who = "anyone" | "any_key" | "personal" | "admin" | "agent_or_admin";

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
