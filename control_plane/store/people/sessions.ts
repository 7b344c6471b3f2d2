/** Sessions of the pages. Only hashes of session tokens are stored. */

import type { Kysely } from "kysely";
import type { Clock } from "../../../lib/ports.ts";
import { ignoreUnsaved, type KeyUse, recordKeyUse, type User } from "./accounts.ts";
import type { SessionsRow, Tables } from "../tables.ts";

export interface Session {
  readonly id: string;
  /** The personal key that began the session; revoking the key ends the session. */
  readonly keyId: string;
  readonly user: User;
  /** The CSRF token that every form of the session carries. */
  readonly formToken: string;
  /** Whether the token is due for rotation. */
  readonly isDue: boolean;
  /** Whether the token was rotated but the new one is unused: the response that carried it may be lost. */
  readonly isTokenUndelivered: boolean;
}

export interface NewSession {
  readonly userId: string;
  readonly keyId: string;
  readonly tokenHash: string;
  readonly formToken: string;
}

export interface SessionRequest {
  /** Whether a person acted, which resets the idle timeout. */
  readonly isUse: boolean;
  /** The caller's IP address. */
  readonly from?: string | undefined;
}

export interface SessionStore {
  /** Begins a session. Beyond the limit per key, the least recently used session ends. */
  begin(session: NewSession): Promise<void>;
  /**
   * Returns the session of a token, unless it has expired, and records its use at most once a minute. A
   * rotated token stays valid for a minute, for requests in flight; after that it counts as stolen and
   * ends the session.
   */
  find(tokenHash: string, request: SessionRequest): Promise<Session | undefined>;
  /** Reports whether the session is still open. */
  isOpen(id: string): Promise<boolean>;
  /** Replaces the session's token. Returns false if it was replaced by a different one meanwhile. */
  rotate(id: string, tokens: { readonly from: string; readonly to: string }): Promise<boolean>;
  end(id: string): Promise<void>;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Idle timeout of a session. */
export const IDLE_MS: number = 12 * HOUR_MS;
/** Maximum age of a session. */
export const LIFE_MS: number = 7 * 24 * HOUR_MS;
/** Sessions per key: more than a person has browsers, few enough to keep the table small. */
const MAX_PER_KEY = 20;
const ROTATE_EVERY_MS = HOUR_MS;
const ROTATED_TOKEN_VALID_MS = MINUTE_MS;
const RECORD_USE_EVERY_MS = MINUTE_MS;

export function sessionStore(db: Kysely<Tables>, clock: Clock): SessionStore {
  return {
    async begin({ userId, keyId, tokenHash, formToken }) {
      const now = clock.now();
      await deleteExpired(now);
      const at = now.toISOString();
      await db.insertInto("sessions").values({
        id: crypto.randomUUID(),
        user_id: userId,
        key_id: keyId,
        token_hash: tokenHash,
        previous_hash: null,
        form_token: formToken,
        created_at: at,
        rotated_at: at,
        last_used_at: at,
      }).execute();
      await deleteExcess(keyId);
    },

    async find(tokenHash, { isUse, from }) {
      const now = clock.now();
      const row = await db.selectFrom("sessions").innerJoin("users", "users.id", "user_id")
        .selectAll("sessions").select(["users.name", "users.role"])
        .where((eb) =>
          eb.or([eb("token_hash", "=", tokenHash), eb("previous_hash", "=", tokenHash)])
        )
        .executeTakeFirst();
      if (!row || hasExpired(row, now)) return undefined;
      const isReplaced = row.token_hash !== tokenHash;
      if (isReplaced && age(row.rotated_at, now) > ROTATED_TOKEN_VALID_MS) {
        await end(row.id);
        return undefined;
      }
      const isFirstUse = !isReplaced && row.previous_hash !== null && isUnused(row);
      const isRecorded = age(row.last_used_at, now) < RECORD_USE_EVERY_MS && !isFirstUse;
      if (isUse && !isReplaced && !isRecorded) {
        await recordUse(row, { from, now }).catch(ignoreUnsaved);
      }
      return {
        id: row.id,
        keyId: row.key_id,
        user: { id: row.user_id, name: row.name, role: row.role },
        formToken: row.form_token,
        isDue: !isReplaced && age(row.rotated_at, now) >= ROTATE_EVERY_MS,
        isTokenUndelivered: isReplaced && isUnused(row),
      };
    },

    async isOpen(id) {
      const row = await db.selectFrom("sessions").select(["created_at", "last_used_at"])
        .where("id", "=", id).executeTakeFirst();
      return row !== undefined && !hasExpired(row, clock.now());
    },

    async rotate(id, { from, to }) {
      const { numUpdatedRows } = await db.updateTable("sessions")
        .set({ token_hash: to, previous_hash: from, rotated_at: clock.now().toISOString() })
        .where("id", "=", id).where("token_hash", "=", from).executeTakeFirst();
      if (numUpdatedRows > 0n) return true;
      const row = await db.selectFrom("sessions").select("token_hash").where("id", "=", id)
        .executeTakeFirst();
      return row?.token_hash === to;
    },

    end,
  };

  async function end(id: string): Promise<void> {
    await db.deleteFrom("sessions").where("id", "=", id).execute();
  }

  async function deleteExcess(keyId: string): Promise<void> {
    const kept = db.selectFrom("sessions").select("id").where("key_id", "=", keyId)
      .orderBy("last_used_at", "desc").orderBy("created_at", "desc").orderBy("id")
      .limit(MAX_PER_KEY);
    await db.deleteFrom("sessions").where("key_id", "=", keyId).where("id", "not in", kept)
      .execute();
  }

  async function recordUse(
    { id, key_id }: Pick<SessionsRow, "id" | "key_id">,
    use: KeyUse,
  ): Promise<void> {
    const last_used_at = use.now.toISOString();
    await db.updateTable("sessions").set({ last_used_at }).where("id", "=", id).execute();
    await recordKeyUse(db, key_id, use);
  }

  /** Runs at sign-in, because the table grows only then. */
  async function deleteExpired(now: Date): Promise<void> {
    const before = (ms: number) => new Date(now.getTime() - ms).toISOString();
    await db.deleteFrom("sessions").where((eb) =>
      eb.or([eb("last_used_at", "<", before(IDLE_MS)), eb("created_at", "<", before(LIFE_MS))])
    ).execute();
  }
}

const age = (at: string, now: Date): number => now.getTime() - Date.parse(at);

/** Reports whether the current token was never used. */
function isUnused(row: Pick<SessionsRow, "rotated_at" | "last_used_at">): boolean {
  return row.last_used_at <= row.rotated_at;
}

function hasExpired(row: Pick<SessionsRow, "created_at" | "last_used_at">, now: Date): boolean {
  return age(row.last_used_at, now) > IDLE_MS || age(row.created_at, now) > LIFE_MS;
}
