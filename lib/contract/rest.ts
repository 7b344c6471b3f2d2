/** The paths of the REST interface, its error body, and the company's public key. */

import * as v from "valibot";

export const API = "/api/v1";
/** The public keys have a second version of their paths, which is asked first. */
export const KEYS_API = ["/api/v2/agent", `${API}/agent`] as const;
export const ORCHESTRATOR_API = `${API}/agent-orchestrator`;

/** Documented: `{code, message, error, details[]}`. `code` is a stable snake_case word. */
export const ErrorBodySchema = v.object({
  code: v.string(),
  message: v.string(),
  error: v.string(),
  details: v.array(v.object({ path: v.optional(v.string()), message: v.string() })),
});
export type ErrorBody = v.InferOutput<typeof ErrorBodySchema>;

/** PEM; absent or empty where there is none yet. */
export const PublicKeySchema = v.object({ publicKey: v.optional(v.string(), "") });
