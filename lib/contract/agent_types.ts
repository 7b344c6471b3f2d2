/** The six agent types, and the parameters of a job of each batch type. */

import * as v from "valibot";

/** Types whose jobs the orchestrator runs. */
export const BATCH_AGENT_TYPES = ["lineage", "datahealth", "external-monitors"] as const;
/** Types that a host lists and the orchestrator does not run (Agent Orchestrator, "Current availability"). */
export const PERSISTENT_AGENT_TYPES = ["source", "sds", "crosssource"] as const;

export const BatchAgentTypeSchema = v.picklist(BATCH_AGENT_TYPES);
export type BatchAgentType = v.InferOutput<typeof BatchAgentTypeSchema>;

export const AgentTypeSchema = v.picklist([...BATCH_AGENT_TYPES, ...PERSISTENT_AGENT_TYPES]);
export type AgentType = v.InferOutput<typeof AgentTypeSchema>;

/** Names for people; on the wire the types are written as above. */
export const AGENT_TYPE_NAMES: Readonly<Record<AgentType, string>> = {
  lineage: "Lineage Plus",
  datahealth: "DataHealth",
  "external-monitors": "External Monitors",
  source: "Data Source",
  sds: "Sensitive Data Scanning",
  crosssource: "Cross-Source",
};

/** Returns the name for people; a type of a newer host is shown as it is. */
export function agentTypeName(type: string): string {
  return v.is(AgentTypeSchema, type) ? AGENT_TYPE_NAMES[type] : type;
}

/** One argument of a container command. It cannot be taken for an option, and cannot leave the config folder. */
const WORD = /^[A-Za-z0-9_][A-Za-z0-9_. -]{0,199}$/;
const word = v.pipe(
  v.string(),
  v.regex(
    WORD,
    "must be 1 to 200 letters, digits, spaces, dots, hyphens or underscores, and start with a letter, a digit or an underscore",
  ),
);

const connectorParameters = v.strictObject({
  connectors: v.pipe(
    v.array(word),
    v.minLength(1, "must name at least one connector type"),
    v.maxLength(50, "must name at most 50 connector types"),
  ),
  /** One connection; absent means every connection of these connector types. */
  connection_name: v.optional(word),
});

/** Parameters of a run, by agent type, like the options of the type's `run` command (Creating a job, step 3). */
export const PARAMETER_SCHEMAS = {
  lineage: connectorParameters,
  "external-monitors": connectorParameters,
  datahealth: v.strictObject({ file_name: word, command: v.optional(word) }),
} as const;

export type ConnectorParameters = v.InferOutput<typeof connectorParameters>;
export type DataHealthParameters = v.InferOutput<typeof PARAMETER_SCHEMAS.datahealth>;

/** An agent type together with parameters that fit it. */
export const AgentTaskSchema = v.variant("agent_type", [
  v.object({ agent_type: v.literal("lineage"), parameters: PARAMETER_SCHEMAS.lineage }),
  v.object({ agent_type: v.literal("datahealth"), parameters: PARAMETER_SCHEMAS.datahealth }),
  v.object({
    agent_type: v.literal("external-monitors"),
    parameters: PARAMETER_SCHEMAS["external-monitors"],
  }),
]);
export type AgentTask = v.InferOutput<typeof AgentTaskSchema>;
