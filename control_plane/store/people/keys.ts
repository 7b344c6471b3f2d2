/** API keys: account keys for agents and integrations, and personal keys of users. */

import type { Kysely } from "kysely";
import type { Clock } from "../../../lib/ports.ts";
import { keyAlreadyMade } from "../../../lib/problems/pages.ts";
import { notFound } from "../../../lib/problems/rest.ts";
import { clearKeyCache, type KeyCache } from "./accounts.ts";
import { type Actor, type Change, recordChange } from "../audit.ts";
import type { NewOptions } from "../jobs/jobs.ts";
import type { ApiKeysRow, KeyKind, Tables } from "../tables.ts";

/** Which keys to list or remove: account keys, all personal keys, or one user's keys. */
export type KeyScope = "account" | "personal" | { readonly userId: string };

export type NewKey =
  & Pick<ApiKeysRow, "name" | "description" | "hash">
  & (
    | { readonly kind: Exclude<KeyKind, "personal"> }
    | { readonly kind: "personal"; readonly userId: string }
  );

/** A key without its hash; `user_id` is null for an account key. */
export type KnownKey = Omit<ApiKeysRow, "hash">;

export interface KeyStore {
  /** Lists keys, oldest first. */
  list(scope: KeyScope): Promise<readonly KnownKey[]>;
  /**
   * Adds a key.
   * @throws `user_not_found` for a personal key of a removed user, and `key_already_made` if the id is
   * taken.
   */
  add(key: NewKey, by: Actor, options?: NewOptions): Promise<KnownKey>;
  /** Revokes a key from the next request on. @throws `api_key_not_found`, also for a key outside the scope. */
  remove(id: string, scope: KeyScope, by: Actor): Promise<void>;
}

const KNOWN = [
  "id",
  "kind",
  "user_id",
  "name",
  "description",
  "created_at",
  "last_used_at",
  "last_used_ip",
] as const;

export function keyStore(db: Kysely<Tables>, clock: Clock, cache?: KeyCache): KeyStore {
  return {
    list: (scope) => keysIn(db, scope).select(KNOWN).orderBy("created_at").orderBy("id").execute(),

    add(key, by, options) {
      return db.transaction().execute(async (trx) => {
        const at = clock.now();
        const { hash, ...known } = keyRow(key, at, options);
        const about = await aboutKey(trx, known);
        const { numInsertedOrUpdatedRows } = await trx.insertInto("api_keys")
          .values({ ...known, hash })
          .onConflict((conflict) => conflict.column("id").doNothing()).executeTakeFirst();
        if (numInsertedOrUpdatedRows === 0n) throw keyAlreadyMade();
        await recordChange(trx, { by, at, action: "key.create", ...about });
        return known;
      });
    },

    remove(id, scope, by) {
      return db.transaction().execute(async (trx) => {
        const key = await keysIn(trx, scope).select(KNOWN).where("id", "=", id)
          .executeTakeFirst();
        if (!key) throw notFound("API key", id);
        const about = await aboutKey(trx, key);
        const { numDeletedRows } = await trx.deleteFrom("api_keys").where("id", "=", id)
          .executeTakeFirst();
        if (numDeletedRows === 0n) throw notFound("API key", id);
        await recordChange(trx, { by, at: clock.now(), action: "key.remove", ...about });
      }).finally(() => cache && clearKeyCache(cache));
    },
  };
}

/** Builds the row of an unused key. */
export function keyRow(
  key: NewKey,
  at: Date,
  { id = crypto.randomUUID() }: NewOptions = {},
): ApiKeysRow {
  const { name, description, hash, kind } = key;
  return {
    id,
    kind,
    user_id: key.kind === "personal" ? key.userId : null,
    name,
    description,
    hash,
    created_at: at.toISOString(),
    last_used_at: null,
    last_used_ip: null,
  };
}

function keysIn(db: Kysely<Tables>, scope: KeyScope) {
  const keys = db.selectFrom("api_keys");
  if (scope === "account") return keys.where("kind", "!=", "personal");
  if (scope === "personal") return keys.where("kind", "=", "personal");
  return keys.where("user_id", "=", scope.userId);
}

/** The audit entry of a personal key names its user, so that the owner is known after the user is removed. */
async function aboutKey(
  trx: Kysely<Tables>,
  { id, kind, name, user_id }: KnownKey,
): Promise<Pick<Change, "target" | "details">> {
  const target = { kind: "key", id, name } as const;
  if (user_id === null) return { target, details: { kind } };
  const user = await trx.selectFrom("users").select("name").where("id", "=", user_id)
    .executeTakeFirst();
  if (!user) throw notFound("user", user_id);
  return { target, details: { kind, user_id, user: user.name } };
}
