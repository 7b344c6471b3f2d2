/** Who a key belongs to, and the settings of the account. Keys are known by their hash only. */

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

/** Whose key it is: a user's, or the account's own. */
export type KeyOwner =
  | { readonly kind: "personal"; readonly keyId: string; readonly user: User }
  | { readonly kind: "agent" | "integration"; readonly keyId: string; readonly name: string };

export interface AccountStore {
  hasUsers(): Promise<boolean>;
  /** Finds the owner of a key and notes, at most once a minute, when and from where it was used. */
  useKey(hash: string, from?: string): Promise<KeyOwner | undefined>;
  /** Keeps the account's own public key, SPKI PEM; false when another one is kept. */
  keepOwnKey(pem: string): Promise<boolean>;
  /** The company's public key, SPKI PEM. */
  companyPublicKey(): Promise<string | undefined>;
  /**
   * Replaces the one that is kept, on which hosts may depend; with `isFirst` it throws
   * `public_key_already_set` instead.
   */
  setCompanyPublicKey(
    pem: string,
    by: Actor,
    options?: { readonly isFirst: boolean },
  ): Promise<void>;
}

/**
 * Agent keys from one request to the next, as hosts send the same one all the time. For a process that
 * has the database to itself: only that one knows of every key that is removed.
 */
export interface KeptKeys {
  /**
   * By the key's hash. To be taken before the database is asked: what was read before a removal is then
   * kept where nobody looks any more.
   */
  owners: Map<string, KeptKey>;
}

interface KeptKey {
  readonly owner: KeyOwner;
  /** When its use is to be noted again, milliseconds since the epoch. */
  readonly until: number;
}

export function keptKeys(): KeptKeys {
  return { owners: new Map() };
}

/** To be called when a key may have been removed: of a commit that failed nobody knows. */
export function forgetKeys(kept: KeptKeys): void {
  kept.owners = new Map();
}

const COMPANY_KEY = "company_public_key";
const OWN_KEY = "own_public_key";
/** A key that is used all the time must not cost a write each time. */
const USE_NOTED_EVERY_MS = 60_000;

/** Without `kept` every key is looked up each time. */
export function accountStore(
  db: Kysely<Tables>,
  clock: Clock,
  kept?: KeptKeys,
): AccountStore {
  // Asked with every request: the text of the query is made once.
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
      const owners = kept?.owners;
      const known = owners?.get(hash);
      if (known && now.getTime() < known.until) return known.owner;
      const query: typeof ownerOf = { ...ownerOf, parameters: [hash] };
      const { rows: [key] } = await db.executeQuery(query);
      if (!key) return undefined;
      const noted = notedAt(key, now);
      if (noted === undefined) await noteKeyUse(db, key.id, { from, now }).catch(unlessUnsaved);
      const owner = ownerIn(key);
      const until = (noted ?? now.getTime()) + USE_NOTED_EVERY_MS;
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
      const details = { sha256: await sha256(value) };
      await db.transaction().execute(async (step) => {
        const { numInsertedOrUpdatedRows } = await step.insertInto("settings")
          .values({ name: COMPANY_KEY, value })
          .onConflict((conflict) => {
            const kept = conflict.column("name");
            return isFirst ? kept.doNothing() : kept.doUpdateSet({ value });
          }).executeTakeFirst();
        if (numInsertedOrUpdatedRows === 0n) throw publicKeyAlreadySet();
        const target = { kind: "account", id: COMPANY_KEY, name: "company public key" } as const;
        const at = clock.now();
        await recordChange(step, { by, at, action: "company_key.set", target, details });
      });
    },
  };
}

export interface KeyUse {
  /** The caller's IP address. */
  readonly from: string | undefined;
  readonly now: Date;
}

export async function noteKeyUse(
  db: Kysely<Tables>,
  id: string,
  { from, now }: KeyUse,
): Promise<void> {
  await db.updateTable("api_keys")
    .set({ last_used_at: now.toISOString(), last_used_ip: from ?? null })
    .where("id", "=", id).execute();
}

/** When its use was noted, milliseconds since the epoch; undefined if it is to be noted again. */
function notedAt(
  { last_used_at }: Pick<ApiKeysRow, "last_used_at">,
  now: Date,
): number | undefined {
  const at = last_used_at === null ? -Infinity : Date.parse(last_used_at);
  return now.getTime() - at < USE_NOTED_EVERY_MS ? at : undefined;
}

type OwnedKey =
  & Pick<ApiKeysRow, "id" | "kind" | "user_id">
  & { readonly key_name: string; readonly name: string | null; readonly role: Role | null };

function ownerIn({ id, kind, key_name, user_id, name, role }: OwnedKey): KeyOwner | undefined {
  if (kind !== "personal") return { kind, keyId: id, name: key_name };
  if (user_id === null || name === null || role === null) return undefined;
  return { kind, keyId: id, user: { id: user_id, name, role } };
}

/** A disk that is full must not shut out the people who have to see it. */
export function unlessUnsaved(error: unknown): void {
  if (!(error instanceof Problem)) throw error;
}

/** Of a PEM text, as a command line shows it: `sha256sum public.pem`. */
async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex();
}
