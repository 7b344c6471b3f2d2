/** A host as both halves see it: its id, what it registers, and how its heartbeat ages. */

import * as v from "valibot";
import { AgentTypeSchema } from "./agent_types.ts";
import { InstantSchema } from "./instant.ts";
import { lineSchema } from "./line.ts";

/** Letters, digits and hyphens, 1 to 256 characters (Registering a host, "Host ids must be …"). */
export const HostIdSchema = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9-]{1,256}$/, "must be 1 to 256 letters, digits or hyphens"),
);

/** Random, made once per host folder; it tells the owner of a host id from somebody else. */
export const InstallationIdSchema = v.pipe(v.string(), v.uuid("must be a UUID"));

/** Body of `POST /api/v1/agent-orchestrator/register`. The field names are ours but `managed_agents`. */
export const RegisterBodySchema = v.strictObject({
  host_id: HostIdSchema,
  installation_id: InstallationIdSchema,
  managed_agents: v.array(AgentTypeSchema),
  version: lineSchema(64),
  /**
   * `true` gives the id to this installation though another one owns it. Takes an admin's key, and a
   * host without active runs.
   */
  replace: v.optional(v.boolean(), false),
});
export type RegisterBody = v.InferOutput<typeof RegisterBodySchema>;

/** Where the host's worker finds Temporal. `server_name` is the TLS name; absent means no TLS. */
export const TemporalTargetSchema = v.object({
  address: v.string(),
  namespace: v.string(),
  task_queue: v.string(),
  server_name: v.optional(v.string()),
});
export type TemporalTarget = v.InferOutput<typeof TemporalTargetSchema>;

/** What a host says of itself in a heartbeat. */
const ReportSchema = v.object({
  /** Runs that it works on, by id. */
  active_runs: v.pipe(v.array(lineSchema(64)), v.maxLength(1_000, "must be at most 1000 runs")),
  /** Where its folder is. */
  disk_free_bytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  /** Its clock before Bigeye's, to the second. */
  clock_skew_ms: v.optional(v.pipe(v.number(), v.integer())),
  /** `true` in its last one: its service was told to stop, takes nothing new and hands back its runs. */
  draining: v.optional(v.boolean()),
  /** The last warning or error that it has logged, at a time by its own clock. */
  complaint: v.optional(v.object({
    at: InstantSchema,
    message: lineSchema(500),
  })),
});
export type HostReport = v.InferOutput<typeof ReportSchema>;

/** A registered host, as listed by `GET /api/v1/agent-orchestrator/hosts`. Times are ISO 8601, UTC. */
export const HostSchema = v.object({
  host_id: HostIdSchema,
  installation_id: InstallationIdSchema,
  managed_agents: v.array(AgentTypeSchema),
  version: v.string(),
  /** What runs its containers, as the host tells it in its heartbeats. */
  engine: v.nullish(v.string(), null),
  state: v.picklist(["online", "late", "draining", "offline"]),
  registered_at: v.string(),
  last_heartbeat_at: v.nullable(v.string()),
  /** From that heartbeat. */
  report: v.nullish(ReportSchema, null),
});
export type Host = v.InferOutput<typeof HostSchema>;

/** The cursor of the next page is ours: absent where Bigeye answers all hosts at once. */
export const HostListSchema = v.object({
  hosts: v.array(HostSchema),
  next_cursor: v.nullish(v.string(), null),
});

/** What lets a host in at Temporal, each where Temporal asks for it. The certificates are PEM. */
export const HostCredentialsSchema = v.object({
  /** For the account's public key and this host's id, issued anew each time. */
  client_certificate: v.optional(v.string()),
  /** The authority of Temporal's own certificate. */
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
  /** `true` asks for the credentials of the register call again: a certificate ends. */
  renew_certificate: v.optional(v.boolean()),
});
export type HeartbeatBody = v.InferOutput<typeof HeartbeatBodySchema>;

/** Answer of the heartbeat: the plane's time, ISO 8601 UTC, from which a host sees its clock's skew. */
export const HeartbeatAnswerSchema = v.object({
  server_time: v.string(),
  ...HostCredentialsSchema.entries,
});

/** What of it a host that renews its certificate cannot do without. */
export const RenewedCertificateSchema = v.object({
  client_certificate: v.string(),
  ca_certificate: v.string(),
});
export type RenewedCertificate = v.InferOutput<typeof RenewedCertificateSchema>;

export const HEARTBEAT_INTERVAL_MS = 10_000;
const ONLINE_MS = 30_000;
const LATE_MS = 120_000;

/**
 * Online up to 30 s after the last heartbeat, late up to 120 s, then offline; never seen is offline.
 * After one that said so it is draining up to 30 s, then offline.
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
