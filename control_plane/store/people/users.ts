/** Users and their roles; the account always keeps an admin. */

import type { Kysely } from "kysely";
import type { Clock } from "../../../lib/ports.ts";
import { lastAdmin, userNameTaken } from "../../../lib/problems/people.ts";
import { notFound } from "../../../lib/problems/rest.ts";
import { type Actor, type Change, changedFields, recordChange } from "../audit.ts";
import { keyRow } from "./keys.ts";
import type { Role, Tables, UsersRow } from "../tables.ts";

export interface NewUser {
  readonly name: string;
  readonly role: Role;
  /** Of the first personal key: without one nobody could sign in. */
  readonly keyHash: string;
}

export interface UserStore {
  /** All users, by name. */
  list(): Promise<readonly UsersRow[]>;
  /** Throws `user_not_found`. */
  get(id: string): Promise<UsersRow>;
  /** Throws `user_name_taken`; names that differ in capitals only are the same. */
  add(user: NewUser, by: Actor): Promise<UsersRow>;
  /** Throws `user_not_found`, and `last_admin` for the only admin. */
  changeRole(id: string, role: Role, by: Actor): Promise<UsersRow>;
  /** Keys and sessions go with the user. Throws `user_not_found`, and `last_admin` for the only admin. */
  remove(id: string, by: Actor): Promise<void>;
}

export function userStore(db: Kysely<Tables>, clock: Clock): UserStore {
  return {
    list: () => db.selectFrom("users").selectAll().orderBy("name").orderBy("id").execute(),

    get: (id) => userById(db, id),

    add({ name, role, keyHash: hash }, by) {
      const at = clock.now();
      const user = { id: crypto.randomUUID(), name, role, created_at: at.toISOString() };
      return db.transaction().execute(async (step) => {
        const { numInsertedOrUpdatedRows } = await step.insertInto("users").values(user)
          .onConflict((conflict) => conflict.doNothing()).executeTakeFirst();
        if (numInsertedOrUpdatedRows === 0n) throw userNameTaken(name);
        const first = { kind: "personal", userId: user.id, name, description: "", hash } as const;
        const key = keyRow(first, at);
        await step.insertInto("api_keys").values(key).execute();
        await record(step, { by, action: "user.add", user, details: { role, key_id: key.id } });
        return user;
      });
    },

    changeRole(id, role, by) {
      return db.transaction().execute(async (step) => {
        const user = await userById(step, id);
        if (user.role === role) return user;
        if (role !== "admin") await requireOtherAdmin(step, user, `demote user "${user.name}"`);
        await step.updateTable("users").set({ role }).where("id", "=", id).execute();
        const details = changedFields({ role: user.role }, { role });
        await record(step, { by, action: "user.update", user, details });
        return { ...user, role };
      });
    },

    remove(id, by) {
      return db.transaction().execute(async (step) => {
        const user = await userById(step, id);
        await requireOtherAdmin(step, user, `remove user "${user.name}"`);
        const keys = await step.selectFrom("api_keys").select("id").where("user_id", "=", id)
          .orderBy("created_at").orderBy("id").execute();
        await step.deleteFrom("users").where("id", "=", id).execute();
        const details = { role: user.role, key_ids: keys.map((key) => key.id) };
        await record(step, { by, action: "user.remove", user, details });
      });
    },
  };

  function record(
    step: Kysely<Tables>,
    { user: { id, name }, ...change }: Omit<Change, "at" | "target"> & {
      readonly user: Pick<UsersRow, "id" | "name">;
    },
  ): Promise<void> {
    const target = { kind: "user", id, name } as const;
    return recordChange(step, { ...change, at: clock.now(), target });
  }
}

async function userById(db: Kysely<Tables>, id: string): Promise<UsersRow> {
  const user = await db.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirst();
  if (!user) throw notFound("user", id);
  return user;
}

/** Throws `last_admin` when the user is the only one. */
async function requireOtherAdmin(
  step: Kysely<Tables>,
  user: UsersRow,
  action: string,
): Promise<void> {
  if (user.role !== "admin") return;
  // Locked, so that of two processes that take an admin each the second one sees what the first did.
  const admins = await step.selectFrom("users").select("id").where("role", "=", "admin")
    .orderBy("id").forUpdate().execute();
  if (admins.every(({ id }) => id === user.id)) throw lastAdmin(action);
}
