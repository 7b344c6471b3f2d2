/** Users and their roles. */

import {
  CreatedUserSchema,
  MeSchema,
  NewUserSchema,
  PersonalKeyListSchema,
  UserListSchema,
  UserPatchSchema,
  UserSchema,
} from "../../../lib/contract/users.ts";
import { API } from "../../../lib/contract/rest.ts";
import { keyUnknown } from "../../../lib/problems/rest.ts";
import type { UsersRow } from "../../store/tables.ts";
import { newApiKey } from "../../http/authentication.ts";
import { type Route, route } from "../route.ts";
import { listedKey } from "./personal_keys.ts";

const USERS = `${API}/users` as const;

const me = route({
  id: "getMe",
  summary: "Show the owner of the Personal API Key",
  method: "GET",
  path: `${USERS}/me`,
  who: "personal",
  answers: { 200: MeSchema },
  answer({ caller }) {
    if (caller?.kind !== "personal") throw keyUnknown();
    return { status: 200, body: caller.user };
  },
});

const listUsers = route({
  id: "listUsers",
  summary: "List users",
  method: "GET",
  path: USERS,
  who: "admin",
  answers: { 200: UserListSchema },
  async answer({ needs }) {
    const users = await needs.store.users.list();
    return { status: 200, body: { users: users.map(shown) } };
  },
});

const addUser = route({
  id: "addUser",
  summary: "Add a user",
  method: "POST",
  path: USERS,
  who: "admin",
  body: NewUserSchema,
  answers: { 201: CreatedUserSchema },
  refuses: ["user_name_taken"],
  async answer({ needs, by, body }) {
    const { key, hash: keyHash } = newApiKey("personal");
    const user = await needs.store.users.add({ ...body, keyHash }, by);
    return { status: 201, body: { user: shown(user), apiKey: key.reveal() } };
  },
});

const changeRole = route({
  id: "updateUser",
  summary: "Change a user's role",
  method: "PATCH",
  path: `${USERS}/{userId}`,
  who: "admin",
  body: UserPatchSchema,
  answers: { 200: UserSchema },
  refuses: ["user_not_found", "last_admin"],
  async answer({ needs, by, params: { userId }, body: { role } }) {
    return { status: 200, body: shown(await needs.store.users.changeRole(userId, role, by)) };
  },
});

const removeUser = route({
  id: "deleteUser",
  summary: "Remove a user with all keys and sessions",
  method: "DELETE",
  path: `${USERS}/{userId}`,
  who: "admin",
  answers: { 204: null },
  refuses: ["user_not_found", "last_admin"],
  async answer({ needs, by, params: { userId } }) {
    await needs.store.users.remove(userId, by);
    return { status: 204 };
  },
});

const listUsersKeys = route({
  id: "listUsersPersonalApiKeys",
  summary: "List a user's Personal API Keys",
  method: "GET",
  path: `${USERS}/{userId}/personal-api-keys`,
  who: "admin",
  answers: { 200: PersonalKeyListSchema },
  refuses: ["user_not_found"],
  async answer({ needs: { store }, params: { userId } }) {
    await store.users.get(userId);
    const keys = await store.keys.list({ userId });
    return { status: 200, body: { keys: keys.map(listedKey) } };
  },
});

export const USER_ROUTES: readonly Route[] = [
  me,
  listUsers,
  addUser,
  changeRole,
  removeUser,
  listUsersKeys,
];

function shown({ created_at: createdAt, ...user }: UsersRow) {
  return { ...user, createdAt };
}
