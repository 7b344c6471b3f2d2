/** Users and their roles. The account always has an admin. */

import type { Kysely } from "kysely";
import type { Clock } from "../../../lib/ports.ts";
import { lastAdmin, userNameTaken } from "../../../lib/problems/records.ts";
import { notFound } from "../../../lib/problems/rest.ts";
import { type Actor, type Change, changedFields, recordChange } from "../audit.ts";
import { keyRow } from "./keys.ts";
import type { Role, Tables, UsersRow } from "../tables.ts";

export interface NewUser {
  readonly name: string;
  readonly role: Role;
  /** Hash of the first personal key, which the user signs in with. */
  readonly keyHash: string;
}

export interface UserStore {
  /** Lists all users by name. */
  list(): Promise<readonly UsersRow[]>;
  /** @throws `user_not_found`. */
  get(id: string): Promise<UsersRow>;
  /** Adds a user. Names are compared without case. @throws `user_name_taken`. */
  add(user: NewUser, by: Actor): Promise<UsersRow>;
  /** @throws `user_not_found`, and `last_admin` for the only admin. */
  changeRole(id: string, role: Role, by: Actor): Promise<UsersRow>;
  /** Removes a user with all keys and sessions. @throws `user_not_found`, and `last_admin` for the only admin. */
  remove(id: string, by: Actor): Promise<void>;
}

export function userStore(db: Kysely<Tables>, clock: Clock): UserStore {
  return {
    list: () => db.selectFrom("users").selectAll().orderBy("name").orderBy("id").execute(),

    get: (id) => userById(db, id),

    add({ name, role, keyHash: hash }, by) {
      const at = clock.now();
      const user = { id: crypto.randomUUID(), name, role, created_at: at.toISOString() };
      return db.transaction().execute(async (trx) => {
        const { numInsertedOrUpdatedRows } = await trx.insertInto("users").values(user)
          .onConflict((conflict) => conflict.doNothing()).executeTakeFirst();
        if (numInsertedOrUpdatedRows === 0n) throw userNameTaken(name);
        const first = { kind: "personal", userId: user.id, name, description: "", hash } as const;
        const key = keyRow(first, at);
        await trx.insertInto("api_keys").values(key).execute();
        await record(trx, { by, action: "user.add", user, details: { role, key_id: key.id } });
        return user;
      });
    },

    changeRole(id, role, by) {
      return db.transaction().execute(async (trx) => {
        const user = await userById(trx, id);
        if (user.role === role) return user;
        if (role !== "admin") await requireOtherAdmin(trx, user, `demote user "${user.name}"`);
        await trx.updateTable("users").set({ role }).where("id", "=", id).execute();
        const details = changedFields({ role: user.role }, { role });
        await record(trx, { by, action: "user.update", user, details });
        return { ...user, role };
      });
    },

    remove(id, by) {
      return db.transaction().execute(async (trx) => {
        const user = await userById(trx, id);
        await requireOtherAdmin(trx, user, `remove user "${user.name}"`);
        const keys = await trx.selectFrom("api_keys").select("id").where("user_id", "=", id)
          .orderBy("created_at").orderBy("id").execute();
        await trx.deleteFrom("users").where("id", "=", id).execute();
        const details = { role: user.role, key_ids: keys.map((key) => key.id) };
        await record(trx, { by, action: "user.remove", user, details });
      });
    },
  };

  function record(
    trx: Kysely<Tables>,
    { user: { id, name }, ...change }: Omit<Change, "at" | "target"> & {
      readonly user: Pick<UsersRow, "id" | "name">;
    },
  ): Promise<void> {
    const target = { kind: "user", id, name } as const;
    return recordChange(trx, { ...change, at: clock.now(), target });
  }
}

async function userById(db: Kysely<Tables>, id: string): Promise<UsersRow> {
  const user = await db.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirst();
  if (!user) throw notFound("user", id);
  return user;
}

/** @throws `last_admin` if the user is the only admin. */
async function requireOtherAdmin(
  trx: Kysely<Tables>,
  user: UsersRow,
  action: string,
): Promise<void> {
  if (user.role !== "admin") return;
  // Locks the admins, so that of two concurrent removals the second sees the first.
  const admins = await trx.selectFrom("users").select("id").where("role", "=", "admin")
    .orderBy("id").forUpdate().execute();
  if (admins.every(({ id }) => id === user.id)) throw lastAdmin(action);
}
