/** The audit log: one entry per change that a person or an API key made. All of it is ours. */

import * as v from "valibot";
import { PaginationInfoSchema } from "./messages/pagination.ts";

export const AUDIT_ACTIONS = [
  "host.register",
  "host.update",
  "host.replace",
  "host.remove",
  "job.create",
  "job.update",
  "job.remove",
  "run.trigger",
  "run.cancel",
  "user.add",
  "user.update",
  "user.remove",
  "key.create",
  "key.remove",
  "company_key.set",
] as const;
export type AuditAction = typeof AUDIT_ACTIONS[number];

export const AUDIT_TARGETS = ["host", "job", "run", "user", "key", "account"] as const;

/** One change: who made it, when (ISO 8601, UTC), from where, and to what. Names are those at that time. */
export const AuditEntrySchema = v.object({
  id: v.string(),
  at: v.string(),
  actor: v.object({
    /** The user's name, or the name of a key that belongs to the account. */
    name: v.string(),
    user_id: v.nullable(v.string()),
    key_id: v.nullable(v.string()),
    /** IP address; null for a change made on the control plane's own machine. */
    from: v.nullable(v.string()),
  }),
  action: v.picklist(AUDIT_ACTIONS),
  target: v.object({ kind: v.picklist(AUDIT_TARGETS), id: v.string(), name: v.string() }),
  /** The content of the change; for an update, each changed field with `from` and `to`. */
  details: v.record(v.string(), v.unknown()),
});
export type AuditEntry = v.InferOutput<typeof AuditEntrySchema>;

export const AuditPageSchema = v.object({
  entries: v.array(AuditEntrySchema),
  paginationInfo: PaginationInfoSchema,
});
