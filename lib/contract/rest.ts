/** REST paths and the documented error body. */

import * as v from "valibot";
import { lineSchema } from "./line.ts";

export const API = "/api/v1";
export const ORCHESTRATOR_API = `${API}/agent-orchestrator`;

/** Documented: `{code, message, error, details[]}`. `code` is a stable snake_case word. */
export const ErrorBodySchema = v.object({
  code: v.string(),
  message: v.string(),
  error: v.string(),
  details: v.array(v.object({ path: v.optional(v.string()), message: v.string() })),
});
export type ErrorBody = v.InferOutput<typeof ErrorBodySchema>;

export const PublicKeySchema = v.object({ publicKey: v.string() });

/** Documented (ApiKeyService): create answers the key once, beside its description. */
export const CreatedKeySchema = v.object({
  apiKey: v.string(),
  info: v.object({ id: v.string(), name: v.string(), type: v.string() }),
});

/** Documented (ApiKeyService): the two kinds of keys that belong to the account. */
export const ACCOUNT_KEY_TYPES = [
  "AGENT_API_KEY_TYPE_AGENT",
  "AGENT_API_KEY_TYPE_INTEGRATION",
] as const;

export const CreateKeySchema = v.strictObject({
  name: v.pipe(lineSchema(200), v.minLength(1, "must not be empty")),
  description: v.optional(lineSchema(2000), ""),
  type: v.optional(v.picklist(ACCOUNT_KEY_TYPES), "AGENT_API_KEY_TYPE_AGENT"),
});

/** Documented (ApiKeyService): the list; times are ISO 8601, UTC. The keys themselves are not in it. */
export const KeyListSchema = v.object({
  keys: v.array(v.object({
    id: v.string(),
    name: v.string(),
    description: v.string(),
    type: v.picklist(ACCOUNT_KEY_TYPES),
    createdAt: v.string(),
    lastUsedAt: v.nullable(v.string()),
    lastUsedIp: v.nullable(v.string()),
  })),
});

/**
 * Ours: answer of `GET /api/v1/users/me`, which says whose a personal key is. No documented call
 * tells an admin's key from a member's.
 */
export const MeSchema = v.object({
  id: v.string(),
  name: v.string(),
  role: v.picklist(["admin", "member"]),
});
export type Me = v.InferOutput<typeof MeSchema>;
