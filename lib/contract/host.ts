/** A host: its id, its registration, its heartbeats, and the state that follows from them. */

import * as v from "valibot";
import { InstantSchema, lineSchema } from "./text.ts";

/** Letters, digits and hyphens, 1 to 256 characters (Registering a host, "Host ids must be …"). */
export const HostIdSchema = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9-]{1,256}$/, "must be 1 to 256 letters, digits or hyphens"),
);

/** A random id, made once per host folder. It identifies the installation that owns a host id. */
export const InstallationIdSchema = v.pipe(v.string(), v.uuid("must be a UUID"));
/** Stands for the installation of a host that was registered by a client which names none. */
export const NO_INSTALLATION = "";

/** An {@linkcode AgentType}, or the wire name of a type that only a newer host knows. */
export type ManagedAgent = string;

/** What a host's folder claims when it registers. */
export interface Registration {
  readonly host_id: string;
  readonly installation_id: string;
  readonly managed_agents: readonly ManagedAgent[];
  readonly version: string;
  /**
   * Takes the id over from another installation. It requires an admin's key and a host without active
   * runs.
   */
  readonly replace: boolean;
}

/** How the host's worker reaches Temporal. `serverName` is the TLS name; absent means no TLS. */
export const TemporalTargetSchema = v.object({
  address: v.string(),
  namespace: v.string(),
  taskQueue: v.string(),
  serverName: v.optional(v.string()),
});
export type TemporalTarget = v.InferOutput<typeof TemporalTargetSchema>;

/** What a host says of its state in a heartbeat to a control plane that takes it. */
export const HostReportSchema = v.object({
  /** Ids of the runs in progress. */
  activeRuns: v.optional(
    v.pipe(v.array(lineSchema(64)), v.maxLength(1_000, "must be at most 1000 runs")),
    [],
  ),
  /** Free space on the disk of the host folder. */
  diskFreeBytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  /** The host's clock minus Bigeye's, to the second. */
  clockSkewMs: v.optional(v.pipe(v.number(), v.integer())),
  /** `true` in the last heartbeat: the service is stopping, takes no new runs and releases its own. */
  draining: v.optional(v.boolean()),
  /** The last warning or error in the host's log, with the time of the host's clock. */
  complaint: v.optional(v.object({
    at: InstantSchema,
    message: lineSchema(500),
  })),
});
export type HostReport = v.InferOutput<typeof HostReportSchema>;

/** One heartbeat as the control plane stores it. */
export interface Heartbeat {
  readonly installation_id: string;
  readonly version: string;
  readonly engine?: string | undefined;
  readonly report: HostReport;
}

/** A registered host. Times are ISO 8601, UTC. */
export interface Host {
  readonly host_id: string;
  readonly installation_id: string;
  readonly managed_agents: readonly ManagedAgent[];
  readonly version: string;
  /** Version of the Docker Engine, from the last heartbeat; null if the engine did not answer. */
  readonly engine: string | null;
  readonly state: "online" | "late" | "draining" | "offline";
  readonly registered_at: string;
  readonly last_heartbeat_at: string | null;
  /** From the last heartbeat. */
  readonly report: HostReport | null;
}

/** A host's credentials for Temporal; absent where Temporal asks for none. The certificates are PEM. */
export const HostCredentialsSchema = v.object({
  /** Issued for the account's public key and this host's id, a new one each time. */
  clientCertificate: v.optional(v.string()),
  /** The authority that issued Temporal's own certificate. */
  caCertificate: v.optional(v.string()),
  temporalApiKey: v.optional(v.string()),
});
export type HostCredentials = v.InferOutput<typeof HostCredentialsSchema>;

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
