/**
 * The tables as rows. Columns are text and integers only, so that one schema serves SQLite and
 * Postgres: times are ISO 8601 UTC with milliseconds (they sort as text), JSON is text.
 */

import type { BatchAgentType } from "../../lib/contract/agent_types.ts";
import type { AuditAction, AuditEntry } from "../../lib/contract/audit.ts";
import type { Skip } from "../../lib/contract/history.ts";
import type { RunReason, RunStatus } from "../../lib/contract/run.ts";

export type Role = "admin" | "member";
export type KeyKind = "personal" | "agent" | "integration";

export interface UsersRow {
  id: string;
  name: string;
  role: Role;
  created_at: string;
}

export interface ApiKeysRow {
  id: string;
  kind: KeyKind;
  /** Whose a personal key is; null for the account's own keys. */
  user_id: string | null;
  name: string;
  description: string;
  /** SHA-256 of the key, 64 hexadecimal digits. */
  hash: string;
  created_at: string;
  last_used_at: string | null;
  last_used_ip: string | null;
}

export interface SettingsRow {
  name: string;
  value: string;
}

export interface HostsRow {
  host_id: string;
  installation_id: string;
  /** JSON list of agent types. */
  managed_agents: string;
  version: string;
  engine: string | null;
  registered_at: string;
  last_heartbeat_at: string | null;
  /** JSON object, from that heartbeat. */
  report: string | null;
}

export interface JobsRow {
  id: string;
  name: string;
  host_id: string;
  agent_type: BatchAgentType;
  /** JSON object. */
  parameters: string;
  run_limit_seconds: number;
  created_at: string;
  updated_at: string;
  /** From 1, raised by each change of the definition. */
  version: number;
  /** JSON object. */
  schedule: string | null;
  /** Null while the schedule is the one that the job was created with. */
  schedule_changed_at: string | null;
}

export interface RunsRow {
  id: string;
  /** Null once the job is deleted. */
  job_id: string | null;
  job_name: string;
  host_id: string;
  agent_type: BatchAgentType;
  /** JSON object, frozen at trigger time. */
  parameters: string;
  run_limit_seconds: number;
  trigger_source: "manual" | "schedule";
  status: RunStatus;
  reason: RunReason | null;
  message: string | null;
  exit_code: number | null;
  /** JSON list of connection results. */
  connections: string;
  /** JSON list of phase stamps. */
  phases: string;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
  /** When the dispatcher took the run, just before its workflow was started. */
  claimed_at: string | null;
  /** When Temporal had accepted the workflow. */
  dispatched_at: string | null;
  cancel_requested_at: string | null;
  /** When Temporal had accepted the cancel. */
  cancel_delivered_at: string | null;
  /** The fire time that a schedule triggered it for. */
  scheduled_for: string | null;
}

export interface IdempotencyKeysRow {
  job_id: string;
  key: string;
  run_id: string;
  created_at: string;
}

/** Somebody who is signed in to the pages. */
export interface SessionsRow {
  id: string;
  user_id: string;
  key_id: string;
  /** SHA-256 of the session's token, 64 hexadecimal digits. */
  token_hash: string;
  /** The same of the token before it, which holds for a moment longer. */
  previous_hash: string | null;
  form_token: string;
  created_at: string;
  rotated_at: string;
  last_used_at: string;
}

export interface AuditRow {
  id: string;
  at: string;
  actor_name: string;
  actor_user_id: string | null;
  actor_key_id: string | null;
  from_ip: string | null;
  action: AuditAction;
  target_kind: AuditEntry["target"]["kind"];
  target_id: string;
  target_name: string;
  /** JSON object. */
  details: string;
}

/** What Temporal has not been seen to have: a job's schedule is not as it was. */
export interface ScheduleChangesRow {
  job_id: string;
  /** Another one with each change. */
  change_id: string;
  created_at: string;
}

/** A fire time that had no run. */
export interface ScheduleSkipsRow extends Skip {
  id: string;
  job_id: string;
  created_at: string;
}

export interface Tables {
  users: UsersRow;
  api_keys: ApiKeysRow;
  settings: SettingsRow;
  hosts: HostsRow;
  jobs: JobsRow;
  runs: RunsRow;
  idempotency_keys: IdempotencyKeysRow;
  schedule_changes: ScheduleChangesRow;
  schedule_skips: ScheduleSkipsRow;
  audit: AuditRow;
  sessions: SessionsRow;
}

/**
 * The value as both databases keep it. Neither keeps a NUL within a text (SQLite reads back what is
 * before it, Postgres refuses the whole), so it is replaced as a text that cannot be decoded is. Throws
 * a `TypeError` for all but texts, numbers and null: a Date would silently become NULL on SQLite.
 */
export function boundValue(value: unknown): string | number | null {
  if (typeof value === "string") return value.replaceAll("\0", "\ufffd");
  if (value === null || typeof value === "number") return value;
  throw new TypeError(`a ${typeof value} cannot be a column value`);
}
