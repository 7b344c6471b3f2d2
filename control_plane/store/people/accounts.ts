/** The account's settings, and the owners of API keys. Only hashes of keys are stored. */

import { hash } from "node:crypto";
import type { Kysely } from "kysely";
import type { Clock } from "../../../lib/ports.ts";
import { Problem } from "../../../lib/problems/problem.ts";
import { publicKeyAlreadySet } from "../../../lib/problems/keys.ts";
import { type Actor, recordChange } from "../audit.ts";
import type { ApiKeysRow, Role, Tables } from "../tables.ts";

export interface User {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

/** The owner of a key: a user, or the account itself. */
export type KeyOwner =
  | { readonly kind: "personal"; readonly keyId: string; readonly user: User }
  | { readonly kind: "agent" | "integration"; readonly keyId: string; readonly name: string };

export interface AccountStore {
  hasUsers(): Promise<boolean>;
  /** Returns the owner of a key. Records at most once a minute when and from where the key was used. */
  useKey(hash: string, from?: string): Promise<KeyOwner | undefined>;
  /** Stores the control plane's own public key (SPKI PEM); returns false if a different one is stored. */
  keepOwnKey(pem: string): Promise<boolean>;
  /** Returns the company's public key (SPKI PEM). */
  companyPublicKey(): Promise<string | undefined>;
  /**
   * Stores the company's public key (SPKI PEM), replacing the current one, on which hosts may depend.
   * @throws `public_key_already_set` with `isFirst`, if one is stored.
   */
  setCompanyPublicKey(
    pem: string,
    by: Actor,
    options?: { readonly isFirst: boolean },
  ): Promise<void>;
}

/**
 * Caches the owners of agent keys, because hosts send the same key all the time. Only for a process that
 * is the database's only user: no other process would learn that a key was removed.
 */
export interface KeyCache {
  /**
   * Owners by the key's hash. Take the map before querying the database: after a removal it is replaced,
   * so a result read before the removal lands in the discarded map.
   */
  owners: Map<string, CachedKey>;
}

interface CachedKey {
  readonly owner: KeyOwner;
  /** When to record its use again, in milliseconds since the epoch. */
  readonly until: number;
}

export function keyCache(): KeyCache {
  return { owners: new Map() };
}

/** Empties the cache. Call it whenever a key may have been removed, also after a failed commit. */
export function clearKeyCache(cache: KeyCache): void {
  cache.owners = new Map();
}

const COMPANY_KEY = "company_public_key";
const OWN_KEY = "own_public_key";
/** Limits writes for a key that is used all the time. */
const RECORD_USE_EVERY_MS = 60_000;

/** Without a cache every key is looked up in the database. */
export function accountStore(
  db: Kysely<Tables>,
  clock: Clock,
  cache?: KeyCache,
): AccountStore {
  // Every request runs this query, so it is compiled once.
  const ownerOf = db.selectFrom("api_keys").leftJoin("users", "users.id", "user_id")
    .select([
      "api_keys.id",
      "kind",
      "last_used_at",
      "user_id",
      "api_keys.name as key_name",
      "users.name",
      "role",
    ])
    .where("hash", "=", "").compile();

  return {
    async hasUsers() {
      return await db.selectFrom("users").select("id").limit(1).executeTakeFirst() !== undefined;
    },

    async useKey(hash, from) {
      const now = clock.now();
      const owners = cache?.owners;
      const known = owners?.get(hash);
      if (known && now.getTime() < known.until) return known.owner;
      const query: typeof ownerOf = { ...ownerOf, parameters: [hash] };
      const { rows: [key] } = await db.executeQuery(query);
      if (!key) return undefined;
      const recorded = recordedAt(key, now);
      if (recorded === undefined) {
        await recordKeyUse(db, key.id, { from, now }).catch(ignoreUnsaved);
      }
      const owner = ownerIn(key);
      const until = (recorded ?? now.getTime()) + RECORD_USE_EVERY_MS;
      if (owner?.kind === "agent") owners?.set(hash, { owner, until });
      return owner;
    },

    async keepOwnKey(value) {
      await db.insertInto("settings").values({ name: OWN_KEY, value })
        .onConflict((conflict) => conflict.doNothing()).execute();
      const row = await db.selectFrom("settings").select("value").where("name", "=", OWN_KEY)
        .executeTakeFirstOrThrow();
      return row.value === value;
    },

    async companyPublicKey() {
      const row = await db.selectFrom("settings").select("value")
        .where("name", "=", COMPANY_KEY).executeTakeFirst();
      return row?.value;
    },

    async setCompanyPublicKey(value, by, { isFirst } = { isFirst: false }) {
      // What `sha256sum public.pem` prints.
      const details = { sha256: hash("sha256", value, "hex") };
      await db.transaction().execute(async (trx) => {
        const { numInsertedOrUpdatedRows } = await trx.insertInto("settings")
          .values({ name: COMPANY_KEY, value })
          .onConflict((conflict) => {
            const conflicting = conflict.column("name");
            return isFirst ? conflicting.doNothing() : conflicting.doUpdateSet({ value });
          }).executeTakeFirst();
        if (numInsertedOrUpdatedRows === 0n) throw publicKeyAlreadySet();
        const target = { kind: "account", id: COMPANY_KEY, name: "company public key" } as const;
        const at = clock.now();
        await recordChange(trx, { by, at, action: "company_key.set", target, details });
      });
    },
  };
}

export interface KeyUse {
  /** The caller's IP address. */
  readonly from: string | undefined;
  readonly now: Date;
}

export async function recordKeyUse(
  db: Kysely<Tables>,
  id: string,
  { from, now }: KeyUse,
): Promise<void> {
  await db.updateTable("api_keys")
    .set({ last_used_at: now.toISOString(), last_used_ip: from ?? null })
    .where("id", "=", id).execute();
}

/** When its use was last recorded, in milliseconds since the epoch; `undefined` if it is due again. */
function recordedAt(
  { last_used_at }: Pick<ApiKeysRow, "last_used_at">,
  now: Date,
): number | undefined {
  const at = last_used_at === null ? -Infinity : Date.parse(last_used_at);
  return now.getTime() - at < RECORD_USE_EVERY_MS ? at : undefined;
}

type OwnedKey =
  & Pick<ApiKeysRow, "id" | "kind" | "user_id">
  & { readonly key_name: string; readonly name: string | null; readonly role: Role | null };

function ownerIn({ id, kind, key_name, user_id, name, role }: OwnedKey): KeyOwner | undefined {
  if (kind !== "personal") return { kind, keyId: id, name: key_name };
  if (user_id === null || name === null || role === null) return undefined;
  return { kind, keyId: id, user: { id: user_id, name, role } };
}

/** Ignores a failed write: a full disk must not lock out the people who need to see it. */
export function ignoreUnsaved(error: unknown): void {
  if (!(error instanceof Problem)) throw error;
}
