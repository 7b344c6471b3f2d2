/** Which images a host runs: what its file says, else the public ones of the `bigeyedata` namespace. */

import { type AgentType, BATCH_AGENT_TYPES } from "../contract/agent_types.ts";
import { VERSION } from "../version.ts";
import type { AgentConfig } from "./schema.ts";

/** The image of both services of the stack; the names are ours. */
export function orchestratorImage({ orchestrator }: Pick<AgentConfig, "orchestrator">): string {
  return orchestrator.image ?? `bigeyedata/bigeye-agent:${VERSION}`;
}

/** The image of an agent type; the names are ours. */
export function agentImage({ agents }: Pick<AgentConfig, "agents">, type: AgentType): string {
  return agents.find((agent) => agent.type === type)?.image ?? `bigeyedata/agent-${type}:latest`;
}

/** Every image that upgrading this host fetches anew: the stack's first, then its batch agents'. */
export function upgradedImages(config: Pick<AgentConfig, "agents" | "orchestrator">): string[] {
  const isBatch = ({ type }: { readonly type: AgentType }) =>
    BATCH_AGENT_TYPES.some((batch) => batch === type);
  const agents = config.agents.filter(isBatch).map(({ type }) => agentImage(config, type));
  return [...new Set([orchestratorImage(config), ...agents])];
}
