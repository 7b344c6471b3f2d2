/** Personal API keys: users create, list and revoke their own; admins may revoke any. */

import {
  CreatedPersonalKeySchema,
  NewPersonalKeySchema,
  type PersonalKey,
  PersonalKeyListSchema,
} from "../../../lib/contract/users.ts";
import { API } from "../../../lib/contract/rest.ts";
import { keyUnknown } from "../../../lib/problems/rest.ts";
import type { KeyOwner, KnownKey, User } from "../../store/mod.ts";
import { isAdmin, newApiKey } from "../../http/authentication.ts";
import { type Route, route } from "../route.ts";

const KEYS = `${API}/personal-api-keys` as const;

const verifyKey = route({
  id: "verifyPersonalApiKey",
  summary: "Verify a Personal API Key",
  method: "GET",
  path: `${KEYS}/verify`,
  who: "any_key",
  answers: { 204: null },
  answer({ caller }) {
    userOf(caller);
    return { status: 204 };
  },
});

const listKeys = route({
  id: "listPersonalApiKeys",
  summary: "List your own Personal API Keys",
  method: "GET",
  path: KEYS,
  who: "personal",
  answers: { 200: PersonalKeyListSchema },
  async answer({ needs, caller }) {
    const keys = await needs.store.keys.list({ userId: userOf(caller).id });
    return { status: 200, body: { keys: keys.map(listedKey) } };
  },
});

const createKey = route({
  id: "createPersonalApiKey",
  summary: "Create a Personal API Key for yourself",
  method: "POST",
  path: KEYS,
  who: "personal",
  body: NewPersonalKeySchema,
  answers: { 200: CreatedPersonalKeySchema },
  async answer({ needs, caller, by, body }) {
    const { key, hash } = newApiKey("personal");
    const wanted = { ...body, kind: "personal", userId: userOf(caller).id, hash } as const;
    const { id, name } = await needs.store.keys.add(wanted, by);
    return { status: 200, body: { apiKey: key.reveal(), info: { id, name } } };
  },
});

const deleteKey = route({
  id: "deletePersonalApiKey",
  summary: "Revoke a Personal API Key",
  method: "DELETE",
  path: `${KEYS}/{apiKeyId}`,
  who: "personal",
  answers: { 204: null },
  refuses: ["api_key_not_found"],
  async answer({ needs, caller, by, params: { apiKeyId } }) {
    const scope = isAdmin(caller) ? "personal" : { userId: userOf(caller).id };
    await needs.store.keys.remove(apiKeyId, scope, by);
    return { status: 204 };
  },
});

export const PERSONAL_KEY_ROUTES: readonly Route[] = [verifyKey, listKeys, createKey, deleteKey];

export function listedKey(key: KnownKey): PersonalKey {
  return {
    id: key.id,
    name: key.name,
    description: key.description,
    createdAt: key.created_at,
    lastUsedAt: key.last_used_at,
    lastUsedIp: key.last_used_ip,
  };
}

function userOf(caller: KeyOwner | undefined): User {
  if (caller?.kind !== "personal") throw keyUnknown();
  return caller.user;
}
