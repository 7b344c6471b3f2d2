/** The audit list: who changed what, when and from where; a row stands or falls with its change. */

import type { Kysely } from "kysely";
import type { Tables } from "./tables.ts";

/** Who causes a change. */
export interface Actor {
  /** The user's name, or the key's where the key is the account's own. */
  readonly name: string;
  readonly keyId?: string;
  readonly userId?: string;
  /** IP address of the caller; absent for what is done on the control plane's own machine. */
  readonly from?: string;
}

/** Whoever has a shell on the control plane's machine. */
export const MACHINE: Actor = { name: "control plane machine" };

export type AuditAction =
  | `host.${"register" | "update" | "replace" | "remove"}`
  | `job.${"create" | "update" | "remove"}`
  | `run.${"trigger" | "cancel"}`
  | `user.${"add" | "update" | "remove"}`
  | `key.${"create" | "remove"}`
  | "company_key.set";

export interface Change {
  readonly by: Actor;
  readonly at: Date;
  readonly action: AuditAction;
  readonly target: {
    readonly kind: "host" | "job" | "run" | "user" | "key" | "account";
    readonly id: string;
    readonly name: string;
  };
  /** What a reader needs to understand the change; never a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Writes the row of a change; to be called in the transaction that makes the change. */
export async function recordChange(
  step: Kysely<Tables>,
  { by, at, action, target, details = {} }: Change,
): Promise<void> {
  await step.insertInto("audit").values({
    id: crypto.randomUUID(),
    at: at.toISOString(),
    actor_name: by.name,
    actor_user_id: by.userId ?? null,
    actor_key_id: by.keyId ?? null,
    from_ip: by.from ?? null,
    action,
    target_kind: target.kind,
    target_id: target.id,
    target_name: target.name,
    details: JSON.stringify(details),
  }).execute();
}

/** The fields of `after` that differ from `before`, each with both values. */
export function changedFields(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): Record<string, { from: unknown; to: unknown }> {
  return Object.fromEntries(
    Object.entries(after)
      .filter(([name, to]) => JSON.stringify(before[name]) !== JSON.stringify(to))
      .map(([name, to]) => [name, { from: before[name], to }]),
  );
}
