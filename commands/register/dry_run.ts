/** What `register --dry-run` says instead of doing it. */

import { COMPOSE_FILE } from "../../templates/stack.ts";
import { projectName } from "../host/stack.ts";
import type { Findings } from "./findings.ts";

/** One line for each change, in the order in which they would be made. */
export function plannedActions(findings: Findings): readonly string[] {
  const { planned, stored, hostId, installationId, keyPair, connection, foreignStack } = findings;
  const agents = planned.config.agents.map(({ type }) => type).toSorted();
  return [
    "make agent_config/, agent_runs/, agents/ and .bigeye/ where they are absent",
    keyPair.kind === "make"
      ? "make an RSA-4096 key pair in agent_config/ and register its public half with Bigeye"
      : `reuse the key pair in agent_config/${
        keyPair.isRegistered ? "" : " and register its public half with Bigeye"
      }`,
    "download Bigeye's public key to agent_config/bigeye.pem",
    "keep the Agent API Key in agent_config/agent_api_key (mode 0600)",
    `register host "${hostId}" at ${connection.url} with ${agents.join(", ") || "no agents"}`,
    stored
      ? "set docker_compose_enabled and orchestrator in bigeye_agent.yml"
      : "write a new bigeye_agent.yml",
    ...(foreignStack ? [`keep the ${COMPOSE_FILE} that is here as ${foreignStack.name}`] : []),
    `write ${COMPOSE_FILE}`,
    `start the stack ${projectName(installationId)} and wait until the host is online`,
  ];
}
