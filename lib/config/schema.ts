/** What `bigeye_agent.yml` says, as far as this program reads it. Only the two documented keys are Bigeye's. */

import * as v from "valibot";
import { AgentTypeSchema } from "../contract/agent_types.ts";
import { HostIdSchema } from "../contract/host.ts";
import { ProxySchema } from "./proxy.ts";

export const CONFIG_FILE = "bigeye_agent.yml";

/** Runs that a host works on at the same time, unless its file says otherwise. */
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

/** A reference as `docker pull` takes it; the first character rules out an option. */
export const ImageSchema = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9][A-Za-z0-9._:/@-]{0,254}$/, "must be an image reference"),
);

/** With what the operator reads of it in docs/reference/config.md. */
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
  server_name: v.pipe(
    v.optional(v.string()),
    v.description("Name in Temporal's certificate; without it the connection is not encrypted"),
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
  temporal: described(TemporalSchema, "How the host reaches Temporal; written by `register`"),
});

const isEachOnce = (types: readonly string[]): boolean => new Set(types).size === types.length;

/** Everything else in the file is the operator's and is kept as it is. */
export const AgentConfigSchema = v.looseObject({
  bigeye: v.nullish(
    v.looseObject({
      url: described(HttpUrlSchema, "Address of Bigeye, or of your control plane"),
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
