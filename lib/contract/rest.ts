/** REST paths and the documented error body. */

import * as v from "valibot";

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
