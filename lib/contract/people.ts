/**
 * Users and their personal keys over REST. Documented are `GET /api/v1/users` and the spelling of the
 * neighbouring agent keys, which is followed; the rest is ours.
 */

import * as v from "valibot";
import { lineSchema } from "./line.ts";

const NameSchema = v.pipe(lineSchema(200), v.minLength(1, "must not be empty"));

/** An admin may do everything, a member may look at hosts, jobs and runs. */
export const ROLES = ["admin", "member"] as const;
export const RoleSchema = v.picklist(ROLES);

/** A user. Times are ISO 8601, UTC. */
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

/** The key is the user's first one, and is not shown again. */
export const CreatedUserSchema = v.object({ user: UserSchema, apiKey: v.string() });

export const UserPatchSchema = v.strictObject({ role: RoleSchema });

export const NewPersonalKeySchema = v.strictObject({
  name: NameSchema,
  description: v.optional(lineSchema(2000), ""),
});

/** As with agent keys: the key once, beside its description. */
export const CreatedPersonalKeySchema = v.object({
  apiKey: v.string(),
  info: v.object({ id: v.string(), name: v.string() }),
});

/** A key as lists show it. Times are ISO 8601, UTC; null where nobody has used it yet. */
const PersonalKeySchema = v.object({
  id: v.string(),
  name: v.string(),
  description: v.string(),
  createdAt: v.string(),
  lastUsedAt: v.nullable(v.string()),
  lastUsedIp: v.nullable(v.string()),
});
export type PersonalKey = v.InferOutput<typeof PersonalKeySchema>;

export const PersonalKeyListSchema = v.object({ keys: v.array(PersonalKeySchema) });
