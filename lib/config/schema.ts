/** What `bigeye_agent.yml` says, as far as this program reads it. Only the two documented keys are Bigeye's. */

import * as v from "valibot";
import { AgentTypeSchema } from "../contract/agent_types.ts";
import { HostIdSchema } from "../contract/host.ts";

export const CONFIG_FILE = "bigeye_agent.yml";

/** Runs that a host works on at the same time, unless its file says otherwise. */
export const DEFAULT_CONCURRENT_RUNS = 4;

export const HttpUrlSchema = v.pipe(
  v.string(),
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

const AgentSchema = v.looseObject({ type: AgentTypeSchema, image: v.nullish(ImageSchema) });

/** `server_name` is the TLS name of Temporal; without it the connection is not encrypted. */
const TemporalSchema = v.object({
  address: v.string(),
  namespace: v.string(),
  server_name: v.optional(v.string()),
});

const OrchestratorSchema = v.looseObject({
  host_id: v.nullish(HostIdSchema),
  image: v.nullish(ImageSchema),
  concurrent_runs: v.nullish(
    v.pipe(
      v.number(),
      v.integer("must be a whole number"),
      v.minValue(1, "must be at least 1"),
      v.maxValue(100, "must be at most 100"),
    ),
    DEFAULT_CONCURRENT_RUNS,
  ),
  temporal: v.nullish(TemporalSchema),
});

const isEachOnce = (types: readonly string[]): boolean => new Set(types).size === types.length;

/** Everything else in the file is the operator's and is kept as it is. */
export const AgentConfigSchema = v.looseObject({
  bigeye: v.nullish(
    v.looseObject({
      url: v.nullish(HttpUrlSchema),
      proxy: v.nullish(HttpUrlSchema),
      ca_file: v.nullish(v.string()),
    }),
    {},
  ),
  agents: v.nullish(
    v.pipe(
      v.array(AgentSchema),
      v.check((agents) => isEachOnce(agents.map(({ type }) => type)), "must name each type once"),
    ),
    [],
  ),
  docker_compose_enabled: v.nullish(v.boolean(), false),
  orchestrator: v.nullish(OrchestratorSchema, {}),
});
export type AgentConfig = v.InferOutput<typeof AgentConfigSchema>;
