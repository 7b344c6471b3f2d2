/** API keys: those of the account, for agents and integrations, and the personal ones of its users. */

import type { Kysely } from "kysely";
import type { Clock } from "../../../lib/ports.ts";
import { keyAlreadyMade } from "../../../lib/problems/pages.ts";
import { notFound } from "../../../lib/problems/rest.ts";
import { forgetKeys, type KeptKeys } from "./accounts.ts";
import { type Actor, type Change, recordChange } from "../audit.ts";
import type { NewOptions } from "../jobs/jobs.ts";
import type { ApiKeysRow, KeyKind, Tables } from "../tables.ts";

/** Which keys are meant: the account's own, all personal ones, or those of one user. */
export type KeyScope = "account" | "personal" | { readonly userId: string };

export type NewKey =
  & Pick<ApiKeysRow, "name" | "description" | "hash">
  & (
    | { readonly kind: Exclude<KeyKind, "personal"> }
    | { readonly kind: "personal"; readonly userId: string }
  );

/** What may be known of a key once it was shown; `user_id` is null for one of the account. */
export type KnownKey = Omit<ApiKeysRow, "hash">;

export interface KeyStore {
  /** Oldest first. */
  list(scope: KeyScope): Promise<readonly KnownKey[]>;
  /**
   * Throws `user_not_found` for a personal key of a user that is gone, and `key_already_made` with the id
   * of a key that is there.
   */
  add(key: NewKey, by: Actor, options?: NewOptions): Promise<KnownKey>;
  /** The key is worth nothing from the next request on. Throws `api_key_not_found`, also outside the scope. */
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

export function keyStore(db: Kysely<Tables>, clock: Clock, kept?: KeptKeys): KeyStore {
  return {
    list: (scope) => keysIn(db, scope).select(KNOWN).orderBy("created_at").orderBy("id").execute(),

    add(key, by, options) {
      return db.transaction().execute(async (step) => {
        const at = clock.now();
        const { hash, ...known } = keyRow(key, at, options);
        const about = await aboutKey(step, known);
        const { numInsertedOrUpdatedRows } = await step.insertInto("api_keys")
          .values({ ...known, hash })
          .onConflict((conflict) => conflict.column("id").doNothing()).executeTakeFirst();
        if (numInsertedOrUpdatedRows === 0n) throw keyAlreadyMade();
        await recordChange(step, { by, at, action: "key.create", ...about });
        return known;
      });
    },

    remove(id, scope, by) {
      return db.transaction().execute(async (step) => {
        const key = await keysIn(step, scope).select(KNOWN).where("id", "=", id)
          .executeTakeFirst();
        if (!key) throw notFound("API key", id);
        const about = await aboutKey(step, key);
        const { numDeletedRows } = await step.deleteFrom("api_keys").where("id", "=", id)
          .executeTakeFirst();
        if (numDeletedRows === 0n) throw notFound("API key", id);
        await recordChange(step, { by, at: clock.now(), action: "key.remove", ...about });
      }).finally(() => kept && forgetKeys(kept));
    },
  };
}

/** A key that nobody has used yet. */
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

/** Of a personal key it matters whose it was, also when the user is gone. */
async function aboutKey(
  step: Kysely<Tables>,
  { id, kind, name, user_id }: KnownKey,
): Promise<Pick<Change, "target" | "details">> {
  const target = { kind: "key", id, name } as const;
  if (user_id === null) return { target, details: { kind } };
  const user = await step.selectFrom("users").select("name").where("id", "=", user_id)
    .executeTakeFirst();
  if (!user) throw notFound("user", user_id);
  return { target, details: { kind, user_id, user: user.name } };
}
