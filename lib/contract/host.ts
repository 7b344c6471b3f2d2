/** A host on the wire: its id, its registration, its heartbeats, and the state that follows from them. */

import * as v from "valibot";
import { AgentTypeSchema } from "./agent_types.ts";
import { InstantSchema, lineSchema } from "./text.ts";

/** Letters, digits and hyphens, 1 to 256 characters (Registering a host, "Host ids must be …"). */
export const HostIdSchema = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9-]{1,256}$/, "must be 1 to 256 letters, digits or hyphens"),
);

/** A random id, made once per host folder. It identifies the installation that owns a host id. */
export const InstallationIdSchema = v.pipe(v.string(), v.uuid("must be a UUID"));

/** Body of `POST /api/v1/agent-orchestrator/register`. All field names but `managed_agents` are ours. */
export const RegisterBodySchema = v.strictObject({
  host_id: HostIdSchema,
  installation_id: InstallationIdSchema,
  managed_agents: v.array(AgentTypeSchema),
  version: lineSchema(64),
  /**
   * `true` gives the id to this installation even if another one owns it. It requires an admin's key and a
   * host without active runs.
   */
  replace: v.optional(v.boolean(), false),
});
export type RegisterBody = v.InferOutput<typeof RegisterBodySchema>;

/** How the host's worker reaches Temporal. `server_name` is the TLS name; absent means no TLS. */
export const TemporalTargetSchema = v.object({
  address: v.string(),
  namespace: v.string(),
  task_queue: v.string(),
  server_name: v.optional(v.string()),
});
export type TemporalTarget = v.InferOutput<typeof TemporalTargetSchema>;

/** The part of a heartbeat that describes the host's state. */
const ReportSchema = v.object({
  /** Ids of the runs in progress. */
  active_runs: v.pipe(v.array(lineSchema(64)), v.maxLength(1_000, "must be at most 1000 runs")),
  /** Free space on the disk of the host folder. */
  disk_free_bytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  /** The host's clock minus Bigeye's, to the second. */
  clock_skew_ms: v.optional(v.pipe(v.number(), v.integer())),
  /** `true` in the last heartbeat: the service is stopping, takes no new runs and releases its own. */
  draining: v.optional(v.boolean()),
  /** The last warning or error in the host's log, with the time of the host's clock. */
  complaint: v.optional(v.object({
    at: InstantSchema,
    message: lineSchema(500),
  })),
});
export type HostReport = v.InferOutput<typeof ReportSchema>;

/** A host in the answer of `GET /api/v1/agent-orchestrator/hosts`. Times are ISO 8601, UTC. */
export const HostSchema = v.object({
  host_id: HostIdSchema,
  installation_id: InstallationIdSchema,
  managed_agents: v.array(AgentTypeSchema),
  version: v.string(),
  /** Version of the Docker Engine, from the last heartbeat; null if the engine did not answer. */
  engine: v.nullish(v.string(), null),
  state: v.picklist(["online", "late", "draining", "offline"]),
  registered_at: v.string(),
  last_heartbeat_at: v.nullable(v.string()),
  /** From the last heartbeat. */
  report: v.nullish(ReportSchema, null),
});
export type Host = v.InferOutput<typeof HostSchema>;

/** The cursor of the next page is ours; it is absent if Bigeye returns all hosts at once. */
export const HostListSchema = v.object({
  hosts: v.array(HostSchema),
  next_cursor: v.nullish(v.string(), null),
});

/** A host's credentials for Temporal; absent where Temporal asks for none. The certificates are PEM. */
export const HostCredentialsSchema = v.object({
  /** Issued for the account's public key and this host's id, a new one each time. */
  client_certificate: v.optional(v.string()),
  /** The authority that issued Temporal's own certificate. */
  ca_certificate: v.optional(v.string()),
  temporal_api_key: v.optional(v.string()),
});
export type HostCredentials = v.InferOutput<typeof HostCredentialsSchema>;

/** Answer of the register call. */
export const RegisterAnswerSchema = v.object({
  host: HostSchema,
  temporal: TemporalTargetSchema,
  ...HostCredentialsSchema.entries,
});
export type RegisterAnswer = v.InferOutput<typeof RegisterAnswerSchema>;

/** Body of `POST /api/v1/agent-orchestrator/hosts/{host_id}/heartbeat`, sent every 10 s. */
export const HeartbeatBodySchema = v.strictObject({
  installation_id: InstallationIdSchema,
  version: lineSchema(64),
  ...ReportSchema.entries,
  engine: v.optional(lineSchema(200)),
  /** `true` asks for new credentials, because the certificate expires soon. */
  renew_certificate: v.optional(v.boolean()),
});
export type HeartbeatBody = v.InferOutput<typeof HeartbeatBodySchema>;

/** Answer of the heartbeat. A host computes its clock skew from `server_time` (ISO 8601, UTC). */
export const HeartbeatAnswerSchema = v.object({
  server_time: v.string(),
  ...HostCredentialsSchema.entries,
});

/** The part of that answer that a host needs when it renews its certificate. */
export const RenewedCertificateSchema = v.object({
  client_certificate: v.string(),
  ca_certificate: v.string(),
});
export type RenewedCertificate = v.InferOutput<typeof RenewedCertificateSchema>;

export const HEARTBEAT_INTERVAL_MS = 10_000;
const ONLINE_MS = 30_000;
const LATE_MS = 120_000;

/**
 * A host is online up to 30 s after its last heartbeat, late up to 120 s, then offline. Without any
 * heartbeat it is offline. After a heartbeat with `draining` it is draining up to 30 s, then offline.
 */
export function hostState(
  { last_heartbeat_at, report }: Pick<Host, "last_heartbeat_at" | "report">,
  now: Date,
): Host["state"] {
  if (last_heartbeat_at === null) return "offline";
  const age = now.getTime() - Date.parse(last_heartbeat_at);
  const isDraining = report?.draining === true;
  if (age <= ONLINE_MS) return isDraining ? "draining" : "online";
  return age <= LATE_MS && !isDraining ? "late" : "offline";
}
