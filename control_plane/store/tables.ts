/**
 * Row types of all tables. Columns are text and integers only, so that one schema serves SQLite and
 * Postgres: times are ISO 8601 UTC with milliseconds, which sort as text; JSON is stored as text.
 */

import type { BatchAgentType } from "../../lib/contract/agent_types.ts";
import type { AuditAction, AuditEntry } from "../../lib/contract/audit.ts";
import type { Skip } from "../../lib/contract/job.ts";
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
  /** Owner of a personal key; null for account keys. */
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
  /** JSON object from the last heartbeat. */
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
  /** Starts at 1; each change of the definition increments it. */
  version: number;
  /** JSON object. */
  schedule: string | null;
  /** Null until the schedule is changed for the first time. */
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
  /** When the dispatcher claimed the run, just before it started the workflow. */
  claimed_at: string | null;
  /** When Temporal accepted the workflow. */
  dispatched_at: string | null;
  cancel_requested_at: string | null;
  /** When Temporal accepted the cancel request. */
  cancel_delivered_at: string | null;
  /** The fire time for which a schedule triggered the run; null for other triggers. */
  scheduled_for: string | null;
}

export interface IdempotencyKeysRow {
  job_id: string;
  key: string;
  run_id: string;
  created_at: string;
}

/** A signed-in browser session. */
export interface SessionsRow {
  id: string;
  user_id: string;
  key_id: string;
  /** SHA-256 of the session's token, 64 hexadecimal digits. */
  token_hash: string;
  /** The same for the previous token, which stays valid for a minute. */
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

/** A change of a job's schedule that Temporal is not known to have. */
export interface ScheduleChangesRow {
  job_id: string;
  /** A new id for each change. */
  change_id: string;
  created_at: string;
}

/** A fire time without a run. */
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
 * Converts a bound parameter to what both databases store. Neither stores a NUL in a text (SQLite
 * truncates at it, Postgres rejects it), so it becomes U+FFFD.
 * @throws `TypeError` for anything but strings, numbers and null: SQLite would store a Date as NULL.
 */
export function boundValue(value: unknown): string | number | null {
  if (typeof value === "string") return value.replaceAll("\0", "\ufffd");
  if (value === null || typeof value === "number") return value;
  throw new TypeError(`a ${typeof value} cannot be a column value`);
}
