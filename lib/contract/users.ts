/** Users and API keys over REST, the account's keys as well as the personal ones. Times are ISO 8601, UTC. */

import * as v from "valibot";
import { lineSchema } from "./text.ts";

const NameSchema = v.pipe(lineSchema(200), v.minLength(1, "must not be empty"));

/** An admin may do everything; a member may read hosts, jobs and runs. */
export const ROLES = ["admin", "member"] as const;
export const RoleSchema = v.picklist(ROLES);

/**
 * A user. `GET /api/v1/users` is documented. The rest of users and personal keys is ours, in the spelling of
 * the documented account keys.
 */
export const UserSchema = v.object({
  id: v.string(),
  name: v.string(),
  role: RoleSchema,
  createdAt: v.string(),
});

export const UserListSchema = v.object({ users: v.array(UserSchema) });

export const NewUserSchema = v.strictObject({
  name: NameSchema,
  role: v.optional(RoleSchema, "member"),
});

/** The new user with a first key, which is not shown again. */
export const CreatedUserSchema = v.object({ user: UserSchema, apiKey: v.string() });

export const UserPatchSchema = v.strictObject({ role: RoleSchema });

/**
 * Ours: answer of `GET /api/v1/users/me`, the owner of the personal key that was sent. No documented call
 * tells an admin's key from a member's.
 */
export const MeSchema = v.object({
  id: v.string(),
  name: v.string(),
  role: RoleSchema,
});
export type Me = v.InferOutput<typeof MeSchema>;

export const NewPersonalKeySchema = v.strictObject({
  name: NameSchema,
  description: v.optional(lineSchema(2000), ""),
});

/** The key, which is not shown again, and its description, as with account keys. */
export const CreatedPersonalKeySchema = v.object({
  apiKey: v.string(),
  info: v.object({ id: v.string(), name: v.string() }),
});

/** A key in a list. The last use is null until the key is used. */
const listedKey = {
  id: v.string(),
  name: v.string(),
  description: v.string(),
  createdAt: v.string(),
  lastUsedAt: v.nullable(v.string()),
  lastUsedIp: v.nullable(v.string()),
} as const;

const PersonalKeySchema = v.object(listedKey);
export type PersonalKey = v.InferOutput<typeof PersonalKeySchema>;

export const PersonalKeyListSchema = v.object({ keys: v.array(PersonalKeySchema) });

/** Documented (ApiKeyService): the two kinds of keys that belong to the account. */
export const ACCOUNT_KEY_TYPES = [
  "AGENT_API_KEY_TYPE_AGENT",
  "AGENT_API_KEY_TYPE_INTEGRATION",
] as const;

export const CreateKeySchema = v.strictObject({
  name: NameSchema,
  description: v.optional(lineSchema(2000), ""),
  type: v.optional(v.picklist(ACCOUNT_KEY_TYPES), "AGENT_API_KEY_TYPE_AGENT"),
});

/** Documented (ApiKeyService): the created key, which is not shown again, and its description. */
export const CreatedKeySchema = v.object({
  apiKey: v.string(),
  info: v.object({ id: v.string(), name: v.string(), type: v.string() }),
});

/** Documented (ApiKeyService): the account's keys, without their values. */
export const KeyListSchema = v.object({
  keys: v.array(v.object({
    ...listedKey,
    type: v.picklist(ACCOUNT_KEY_TYPES),
  })),
});
