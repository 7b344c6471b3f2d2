/** The audit list: who changed what, when and from where. A row is written in the transaction of its change. */

import type { Kysely } from "kysely";
import * as v from "valibot";
import type { AuditAction, AuditEntry } from "../../lib/contract/audit.ts";
import { listCursor, pageOf, type PageRequest } from "./list_cursor.ts";
import type { AuditRow, Tables } from "./tables.ts";

/** Who made a change. */
export interface Actor {
  /** The user's name, or the key's name for an account key. */
  readonly name: string;
  readonly keyId?: string;
  readonly userId?: string;
  /** The caller's IP address; absent for changes made on the control plane's own machine. */
  readonly from?: string;
}

/** A person with a shell on the control plane's machine. */
export const MACHINE: Actor = { name: "control plane machine" };

export interface Change {
  readonly by: Actor;
  readonly at: Date;
  readonly action: AuditAction;
  readonly target: Readonly<AuditEntry["target"]>;
  /** What a reader needs to understand the change. Never contains a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface AuditFilter extends PageRequest {
  /** The actor's exact name. */
  readonly actor?: string | undefined;
  readonly action?: AuditAction | undefined;
  /** The id of the changed object. */
  readonly target?: string | undefined;
}

export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  readonly next_cursor: string | null;
}

export interface AuditStore {
  /**
   * Lists entries, newest first; pages stay stable while entries are added.
   * @throws `invalid_input` for a cursor of another list.
   */
  list(filter: AuditFilter): Promise<AuditPage>;
}

const CURSOR = listCursor("audit", v.strictTuple([v.string(), v.string()]));

export function auditStore(db: Kysely<Tables>): AuditStore {
  return {
    async list({ actor, action, target, cursor, limit }) {
      let query = db.selectFrom("audit").selectAll();
      if (actor !== undefined) query = query.where("actor_name", "=", actor);
      if (action !== undefined) query = query.where("action", "=", action);
      if (target !== undefined) query = query.where("target_id", "=", target);
      if (cursor !== undefined) {
        const place = CURSOR.placeOf(cursor);
        query = query.where((eb) => eb(eb.refTuple("at", "id"), "<", eb.tuple(...place)));
      }
      const rows = await query.orderBy("at", "desc").orderBy("id", "desc").limit(limit + 1)
        .execute();
      const after = ({ at, id }: AuditRow) => CURSOR.after([at, id]);
      const { page, next_cursor } = pageOf(rows, { limit, after });
      return { entries: page.map(entryOf), next_cursor };
    },
  };
}

function entryOf({ id, at, action, details, ...row }: AuditRow): AuditEntry {
  const { actor_name: name, actor_user_id: user_id, actor_key_id: key_id, from_ip: from } = row;
  return {
    id,
    at,
    actor: { name, user_id, key_id, from },
    action,
    target: { kind: row.target_kind, id: row.target_id, name: row.target_name },
    details: JSON.parse(details),
  };
}

/** Inserts the audit row of a change. Call it in the transaction that makes the change. */
export async function recordChange(
  trx: Kysely<Tables>,
  { by, at, action, target, details = {} }: Change,
): Promise<void> {
  await trx.insertInto("audit").values({
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

/** Returns the fields of `after` that differ from `before`, each with both values. */
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
