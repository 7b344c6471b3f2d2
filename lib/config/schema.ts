/** The settings of `bigeye_agent.yml` that this program reads. Two keys are documented; the others are ours. */

import * as v from "valibot";
import { type AgentType, AgentTypeSchema, BATCH_AGENT_TYPES } from "../contract/agent_types.ts";
import { HostIdSchema } from "../contract/host.ts";
import { VERSION } from "../version.ts";
import { ProxySchema } from "./proxy.ts";

export const CONFIG_FILE = "bigeye_agent.yml";

/** Default number of runs that a host works on at the same time. */
export const DEFAULT_CONCURRENT_RUNS = 4;

export const HttpUrlSchema = v.pipe(
  v.string(),
  v.trim(),
  v.check(
    (text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ""),
    "must be an http or https URL",
  ),
  v.transform((text) => text.replace(/\/+$/, "")),
);

/** An image reference for `docker pull`. Its first character cannot begin an option. */
export const ImageSchema = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9][A-Za-z0-9._:/@-]{0,254}$/, "must be an image reference"),
);

/** An optional setting with its text for docs/reference/config.md. */
const described = <SCHEMA extends v.GenericSchema>(schema: SCHEMA, text: string) =>
  v.pipe(v.nullish(schema), v.description(text));

const AgentSchema = v.looseObject({
  type: v.pipe(AgentTypeSchema, v.description("Type of the agent; each type once")),
  image: described(
    ImageSchema,
    "Image of its container; without it `bigeyedata/agent-TYPE:latest`",
  ),
});

const TemporalSchema = v.object({
  address: v.pipe(v.string(), v.description("Where Temporal is, `HOST:PORT`")),
  namespace: v.pipe(v.string(), v.description("Temporal's namespace")),
  task_queue: v.pipe(
    v.optional(v.string()),
    v.description("Queue of this host's runs; without it `bigeye-agent-host-HOST_ID`"),
  ),
  server_name: v.pipe(
    v.optional(v.string()),
    v.description("Name in Temporal's certificate; without it the connection is not encrypted"),
  ),
  sign_in: v.pipe(
    v.optional(v.picklist(["agent_api_key"])),
    v.description(
      "`agent_api_key` shows Temporal the Agent API Key; without it the files of `agent_config/` decide",
    ),
  ),
});

const OrchestratorSchema = v.looseObject({
  host_id: described(HostIdSchema, "Name of this host; written by `register`"),
  image: described(
    ImageSchema,
    "Image of the orchestrator and the socket proxy; without it `bigeyedata/bigeye-agent:VERSION`, with the version of the binary",
  ),
  concurrent_runs: v.pipe(
    v.nullish(
      v.pipe(
        v.number(),
        v.integer("must be a whole number"),
        v.minValue(1, "must be at least 1"),
        v.maxValue(100, "must be at most 100"),
      ),
      DEFAULT_CONCURRENT_RUNS,
    ),
    v.description("How many runs this host works on at the same time"),
  ),
  temporal: described(
    TemporalSchema,
    "How the host reaches Temporal; `register` writes what Bigeye answers, or else keeps what is here, or else writes Bigeye's usual name",
  ),
  host_report: described(
    v.boolean(),
    "Whether heartbeats tell runs, disk, clock and last warning; written by `register` where Bigeye takes them",
  ),
});

const isEachOnce = (types: readonly string[]): boolean => new Set(types).size === types.length;

/** The whole file. Other keys belong to the operator and are kept. */
export const AgentConfigSchema = v.looseObject({
  bigeye: v.nullish(
    v.looseObject({
      url: described(HttpUrlSchema, "Address of Bigeye, or of your control plane"),
      workspace_id: described(
        v.pipe(v.number(), v.integer(), v.minValue(1, "must be a positive number")),
        "Number of the workspace, sent with each call; without it the key's own workspace",
      ),
      proxy: described(ProxySchema, "Forward proxy on the way there"),
      ca_file: described(
        v.string(),
        "PEM file of a further certificate authority; a relative path begins at this file's folder",
      ),
    }),
    {},
  ),
  agents: v.pipe(
    v.nullish(
      v.pipe(
        v.array(AgentSchema),
        v.check((agents) => isEachOnce(agents.map(({ type }) => type)), "must name each type once"),
      ),
      [],
    ),
    v.description("The agents of this host; run `sync` after a change"),
  ),
  docker_compose_enabled: v.pipe(
    v.nullish(v.boolean(), false),
    v.description("Whether the `compose` commands may be used; set by `register`"),
  ),
  orchestrator: v.nullish(OrchestratorSchema, {}),
});
export type AgentConfig = v.InferOutput<typeof AgentConfigSchema>;

/** Returns the image of both services of the stack. The default name is ours. */
export function orchestratorImage({ orchestrator }: Pick<AgentConfig, "orchestrator">): string {
  return orchestrator.image ?? `bigeyedata/bigeye-agent:${VERSION}`;
}

/** Returns the image of an agent type. The default names are ours. */
export function agentImage({ agents }: Pick<AgentConfig, "agents">, type: AgentType): string {
  return agents.find((agent) => agent.type === type)?.image ?? `bigeyedata/agent-${type}:latest`;
}

/** Returns all images that an upgrade of this host pulls: the stack's first, then those of its batch agents. */
export function upgradedImages(config: Pick<AgentConfig, "agents" | "orchestrator">): string[] {
  const isBatch = ({ type }: { readonly type: AgentType }) =>
    BATCH_AGENT_TYPES.some((batch) => batch === type);
  const agents = config.agents.filter(isBatch).map(({ type }) => agentImage(config, type));
  return [...new Set([orchestratorImage(config), ...agents])];
}
