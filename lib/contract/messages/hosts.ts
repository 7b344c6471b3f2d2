/**
 * Bigeye's messages about hosts, in proto3 JSON. Fields below a line "ours" are additions of this control
 * plane: absent from another Bigeye, ignored by its readers.
 */

import * as v from "valibot";
import { type AgentType, AgentTypeSchema } from "../agent_types.ts";
import {
  type Host,
  HostCredentialsSchema,
  HostIdSchema,
  HostReportSchema,
  type ManagedAgent,
  NO_INSTALLATION,
  TemporalTargetSchema,
} from "../host.ts";
import { lineSchema } from "../text.ts";
import { PaginationInfoSchema } from "./pagination.ts";
import { epochSeconds, Int64Schema, protoEnum } from "./proto_json.ts";

const TYPE_PREFIX = "MANAGED_AGENT_TYPE_";
/** `ManagedAgentType` without its prefix, in the order of the numbers. */
const MANAGED_AGENT_TYPES = [
  "UNSPECIFIED",
  "DATA_SOURCE",
  "SENSITIVE_DATA",
  "CROSS_SOURCE",
  "LINEAGE_PLUS",
  "DATAHEALTH",
  "EXTERNAL_MONITORS",
] as const;
const TYPE_NAMES: Readonly<Record<AgentType, typeof MANAGED_AGENT_TYPES[number]>> = {
  source: "DATA_SOURCE",
  sds: "SENSITIVE_DATA",
  crosssource: "CROSS_SOURCE",
  lineage: "LINEAGE_PLUS",
  datahealth: "DATAHEALTH",
  "external-monitors": "EXTERNAL_MONITORS",
};

/** The name of a type on the wire, as in `MANAGED_AGENT_TYPE_LINEAGE_PLUS`. */
export const managedAgentType = (type: ManagedAgent): string =>
  v.is(AgentTypeSchema, type) ? `${TYPE_PREFIX}${TYPE_NAMES[type]}` : type;

/** The type of that name; the name itself for one of a newer host. */
export const managedAgentOf = (name: string): ManagedAgent =>
  AgentTypeSchema.options.find((type) => managedAgentType(type) === name) ?? name;

const ManagedAgentTypeSchema = protoEnum(MANAGED_AGENT_TYPES.map((name) => TYPE_PREFIX + name));

const STATUS_PREFIX = "AGENT_ORCHESTRATOR_STATUS_";
const StatusSchema = protoEnum(
  ["UNSPECIFIED", "REGISTERED", "ONLINE", "OFFLINE"].map((name) => STATUS_PREFIX + name),
);
export const ONLINE = `${STATUS_PREFIX}ONLINE`;

export const HostMessageSchema = v.object({
  hostId: v.string(),
  orchestratorVersion: v.optional(v.string(), ""),
  registeredAtEpochSeconds: v.optional(Int64Schema),
  managedAgents: v.optional(v.array(ManagedAgentTypeSchema), []),
  status: v.optional(StatusSchema, `${STATUS_PREFIX}UNSPECIFIED`),
  lastHeartbeatAtEpochSeconds: v.optional(Int64Schema),
  // ours
  installationId: v.optional(v.string()),
  /** Finer than the status. */
  state: v.optional(v.string()),
  engineVersion: v.optional(v.string()),
  report: v.optional(HostReportSchema),
});
export type HostMessage = v.InferOutput<typeof HostMessageSchema>;

/** Writes a host of our store as the message. */
export function hostMessage(host: Host): HostMessage {
  const { registered_at, last_heartbeat_at, engine, report } = host;
  return {
    hostId: host.host_id,
    orchestratorVersion: host.version,
    registeredAtEpochSeconds: epochSeconds(registered_at),
    managedAgents: host.managed_agents.map(managedAgentType),
    status: STATUS_PREFIX + statusOf(host),
    ...(last_heartbeat_at !== null && {
      lastHeartbeatAtEpochSeconds: epochSeconds(last_heartbeat_at),
    }),
    ...(host.installation_id !== NO_INSTALLATION && { installationId: host.installation_id }),
    state: host.state,
    ...(engine !== null && { engineVersion: engine }),
    ...(report !== null && { report }),
  };
}

function statusOf({ state, last_heartbeat_at }: Host): "REGISTERED" | "ONLINE" | "OFFLINE" {
  if (last_heartbeat_at === null) return "REGISTERED";
  return state === "offline" ? "OFFLINE" : "ONLINE";
}

export const HostListMessageSchema = v.object({
  hosts: v.optional(v.array(HostMessageSchema), []),
  // ours
  /** Absent where all hosts come at once. */
  paginationInfo: v.optional(PaginationInfoSchema),
});

/** Body of `POST /api/v1/agent-orchestrator/register`. */
export const RegisterRequestSchema = v.object({
  hostId: HostIdSchema,
  orchestratorVersion: v.optional(lineSchema(64), ""),
  managedAgents: v.optional(
    v.pipe(
      v.array(v.pipe(ManagedAgentTypeSchema, lineSchema(64))),
      v.maxLength(100, "must be at most 100 agents"),
    ),
    [],
  ),
});

/** Answer of the register call; a refusal may come as `errorMessage` with status 200. */
export const RegisterResponseSchema = v.object({
  host: v.optional(HostMessageSchema),
  errorMessage: v.optional(v.string()),
  // ours
  temporal: v.optional(TemporalTargetSchema),
  ...HostCredentialsSchema.entries,
  /** Whether heartbeats may carry the host's report. */
  takesReports: v.optional(v.boolean()),
});
export type RegisterResponse = v.InferOutput<typeof RegisterResponseSchema>;

/** Body of the heartbeat, sent every 10 s. */
export const HeartbeatRequestSchema = v.object({
  hostId: HostIdSchema,
  orchestratorVersion: v.optional(lineSchema(64), ""),
  /** A digest of the host's `bigeye_agent.yml`. */
  configHash: v.optional(lineSchema(64)),
  // ours
  engineVersion: v.optional(lineSchema(200)),
  report: v.optional(HostReportSchema),
  /** Asks for new credentials, because the certificate expires soon. */
  renewCertificate: v.optional(v.boolean()),
});
export type HeartbeatRequest = v.InferInput<typeof HeartbeatRequestSchema>;

/** Answer of the heartbeat; empty from another Bigeye. */
export const HeartbeatResponseSchema = v.object({
  // ours
  serverTime: v.optional(v.string()),
  ...HostCredentialsSchema.entries,
});
