/** Who is signed in to the pages. A session is known by the hash of its token only. */

import type { Kysely } from "kysely";
import type { Clock } from "../../../lib/ports.ts";
import { type KeyUse, noteKeyUse, unlessUnsaved, type User } from "./accounts.ts";
import type { SessionsRow, Tables } from "../tables.ts";

export interface Session {
  readonly id: string;
  /** The personal key that it was begun with; it ends when that one is revoked. */
  readonly keyId: string;
  readonly user: User;
  /** What every form of the session carries. */
  readonly formToken: string;
  /** Whether its token is old enough to get another one. */
  readonly isDue: boolean;
  /** Whether its token was replaced by one that nobody has used yet: the answer with it may be lost. */
  readonly isUntold: boolean;
}

export interface NewSession {
  readonly userId: string;
  readonly keyId: string;
  readonly tokenHash: string;
  readonly formToken: string;
}

export interface SessionRequest {
  /** Whether a person did something, which keeps the session from idling. */
  readonly isUse: boolean;
  /** The caller's IP address. */
  readonly from?: string | undefined;
}

export interface SessionStore {
  /** One too many of its key's ends the one that was used least recently. */
  begin(session: NewSession): Promise<void>;
  /**
   * The session that a token is of, unless it is over; notes, at most once a minute, when it was used,
   * and its key with it. A token that was replaced holds for another minute, for requests under way;
   * after that it is somebody's copy, and ends the session.
   */
  find(tokenHash: string, request: SessionRequest): Promise<Session | undefined>;
  /** Whether the session is not over. */
  isOpen(id: string): Promise<boolean>;
  /** Replaces the session's token, also when another request has just done the same; else false. */
  rotate(id: string, tokens: { readonly from: string; readonly to: string }): Promise<boolean>;
  end(id: string): Promise<void>;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** A session is over when nobody used it for this long, … */
export const IDLE_MS: number = 12 * HOUR_MS;
/** … and at this age in any case. */
export const LIFE_MS: number = 7 * 24 * HOUR_MS;
/** Of one key: more than a person has browsers, and fewer than fill a table. */
const MOST_OF_A_KEY = 20;
const ROTATED_EVERY_MS = HOUR_MS;
const REPLACED_HOLDS_MS = MINUTE_MS;
const USE_NOTED_EVERY_MS = MINUTE_MS;

export function sessionStore(db: Kysely<Tables>, clock: Clock): SessionStore {
  return {
    async begin({ userId, keyId, tokenHash, formToken }) {
      const now = clock.now();
      await forgetThoseOver(now);
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
      await endSpare(keyId);
    },

    async find(tokenHash, { isUse, from }) {
      const now = clock.now();
      const row = await db.selectFrom("sessions").innerJoin("users", "users.id", "user_id")
        .selectAll("sessions").select(["users.name", "users.role"])
        .where((eb) =>
          eb.or([eb("token_hash", "=", tokenHash), eb("previous_hash", "=", tokenHash)])
        )
        .executeTakeFirst();
      if (!row || isOver(row, now)) return undefined;
      const isReplaced = row.token_hash !== tokenHash;
      if (isReplaced && age(row.rotated_at, now) > REPLACED_HOLDS_MS) {
        await end(row.id);
        return undefined;
      }
      const isFirstUse = !isReplaced && row.previous_hash !== null && isUnused(row);
      const isNoted = age(row.last_used_at, now) < USE_NOTED_EVERY_MS && !isFirstUse;
      if (isUse && !isReplaced && !isNoted) await noteUse(row, { from, now }).catch(unlessUnsaved);
      return {
        id: row.id,
        keyId: row.key_id,
        user: { id: row.user_id, name: row.name, role: row.role },
        formToken: row.form_token,
        isDue: !isReplaced && age(row.rotated_at, now) >= ROTATED_EVERY_MS,
        isUntold: isReplaced && isUnused(row),
      };
    },

    async isOpen(id) {
      const row = await db.selectFrom("sessions").select(["created_at", "last_used_at"])
        .where("id", "=", id).executeTakeFirst();
      return row !== undefined && !isOver(row, clock.now());
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

  async function endSpare(keyId: string): Promise<void> {
    const kept = db.selectFrom("sessions").select("id").where("key_id", "=", keyId)
      .orderBy("last_used_at", "desc").orderBy("created_at", "desc").orderBy("id")
      .limit(MOST_OF_A_KEY);
    await db.deleteFrom("sessions").where("key_id", "=", keyId).where("id", "not in", kept)
      .execute();
  }

  async function noteUse(
    { id, key_id }: Pick<SessionsRow, "id" | "key_id">,
    use: KeyUse,
  ): Promise<void> {
    const last_used_at = use.now.toISOString();
    await db.updateTable("sessions").set({ last_used_at }).where("id", "=", id).execute();
    await noteKeyUse(db, key_id, use);
  }

  /** At a sign-in there is time for it, and without sign-ins the table does not grow. */
  async function forgetThoseOver(now: Date): Promise<void> {
    const before = (ms: number) => new Date(now.getTime() - ms).toISOString();
    await db.deleteFrom("sessions").where((eb) =>
      eb.or([eb("last_used_at", "<", before(IDLE_MS)), eb("created_at", "<", before(LIFE_MS))])
    ).execute();
  }
}

const age = (at: string, now: Date): number => now.getTime() - Date.parse(at);

/** Whether nobody has come with the token since it was made. */
function isUnused(row: Pick<SessionsRow, "rotated_at" | "last_used_at">): boolean {
  return row.last_used_at <= row.rotated_at;
}

function isOver(row: Pick<SessionsRow, "created_at" | "last_used_at">, now: Date): boolean {
  return age(row.last_used_at, now) > IDLE_MS || age(row.created_at, now) > LIFE_MS;
}
