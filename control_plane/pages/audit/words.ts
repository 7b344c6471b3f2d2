/** Formats audit actions and the details of changes for people. */

import type { AuditAction, AuditEntry } from "../../../lib/contract/audit.ts";

export const ACTION_WORDS: Readonly<Record<AuditAction, string>> = {
  "host.register": "Registered host",
  "host.update": "Updated host",
  "host.replace": "Replaced host",
  "host.remove": "Removed host",
  "job.create": "Created job",
  "job.update": "Changed job",
  "job.remove": "Deleted job",
  "run.trigger": "Triggered run of",
  "run.cancel": "Canceled run of",
  "user.add": "Added user",
  "user.update": "Changed user",
  "user.remove": "Removed user",
  "key.create": "Created key",
  "key.remove": "Revoked key",
  "company_key.set": "Set the company's public key",
};

/** Formats one line per detail: a changed field with both values, other details as they are. */
export function detailLines({ details }: Pick<AuditEntry, "details">): string[] {
  return Object.entries(details).map(([name, value]) => {
    const isChange = typeof value === "object" && value !== null && "from" in value &&
      "to" in value;
    return isChange
      ? `${name}: ${shown(value.from)} → ${shown(value.to)}`
      : `${name}: ${shown(value)}`;
  });
}

/** Formats a value without JSON syntax, for reading. The export has the exact values. */
function shown(value: unknown): string {
  if (value === null || value === undefined) return "none";
  if (Array.isArray(value)) return value.map(shown).join(", ");
  if (typeof value !== "object") return String(value);
  return Object.entries(value).map(([name, one]) => `${name} ${shown(one)}`).join(", ");
}
