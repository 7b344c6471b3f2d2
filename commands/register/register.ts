/** `bigeye-agent register`: registers this host and starts its stack, or brings both up to date. */

import { type StoredConfig, writeConfig } from "../../lib/config/store.ts";
import type { Registered } from "../../lib/bigeye/register.ts";
import { hostQueue } from "../../lib/contract/temporal_names.ts";
import { type HostMessage, ONLINE } from "../../lib/contract/messages/hosts.ts";
import { COMPOSE_FILE } from "../../templates/stack.ts";
import type { Tools } from "../context.ts";
import { makeFolders, writeCredentials } from "../host/files.ts";
import { giveToOwner } from "../host/owner.ts";
import { hostClaim } from "../host/registered.ts";
import { hostStack, projectName, writeStack } from "../host/stack.ts";
import { configuredTemporal, temporalSettings } from "../host/temporal_target.ts";
import { networkCaPath, withRegistration } from "./config_changes.ts";
import { type Findings, gather, type HostFlags } from "./findings.ts";
import { provisionKeys } from "./key_pair.ts";
import { startStack } from "./online.ts";

export interface RegisterFlags extends HostFlags {
  readonly dryRun: boolean;
  readonly json: boolean;
}

/**
 * Runs the documented steps in order. Each step skips what is done already, so that a repeated call continues
 * where a failed or stopped one ended.
 */
export async function register(flags: RegisterFlags, tools: Tools): Promise<void> {
  const findings = await gather(flags, tools);
  if (flags.dryRun) return sayPlan(findings, { json: flags.json, tools });

  await writeHostFiles(findings, tools);
  await provisionKeys(findings.keyPair, findings.paths, { ...findings.clients, ...tools });
  tools.terminal.note(`ok    key pair ${findings.keyPair.kind === "make" ? "created" : "reused"}`);

  const answer = await claimHost(findings, tools);
  const queue = answer.temporal?.taskQueue ?? hostQueue(findings.hostId);
  tools.terminal.note(`ok    registered, task queue ${queue}`);

  const config = await keepRegistration(answer, { findings, tools });
  tools.terminal.note("ok    bigeye_agent.yml and docker-compose.bigeye.yml written");
  tools.terminal.note("      starting the stack; missing images are pulled first");
  const { installationId, clients } = findings;
  const stack = hostStack(installationId, tools);
  const showsHeartbeats = answer.takesReports === true;
  const needs = { ...tools, stack, bigeye: clients.personal, showsHeartbeats };
  const host = await startStack(answer.host, needs);
  sayHost(host, { config, json: flags.json, tools });
}

/** Writes the installation id before registering, so that a repeated call after a lost answer uses the same id. */
async function writeHostFiles(findings: Findings, { files }: Tools): Promise<void> {
  const { paths, installationId, keys, connection, planned } = findings;
  await makeFolders(paths, planned.config, files);
  if (await files.stat(paths.installation) === undefined) {
    await files.writeText(paths.installation, `${installationId}\n`, { mode: 0o600 });
  }
  await files.writeText(paths.agentApiKey, `${keys.agent.reveal()}\n`, { mode: 0o600 });
  const { ca } = connection;
  if (ca && networkCaPath(connection, paths) === paths.networkCa) {
    await files.writeText(paths.networkCa, ca.pem, { mode: 0o644 });
  }
}

function claimHost(findings: Findings, { stop }: Tools): Promise<Registered> {
  const { clients, planned } = findings;
  return clients.personal.register(hostClaim(findings, planned.config), stop);
}

async function keepRegistration(
  answer: Registered,
  { findings, tools }: { findings: Findings; tools: Tools },
): Promise<StoredConfig> {
  const { paths, stored, planned, hostId, installationId, docker } = findings;
  const { files, identity } = tools;
  const temporal = temporalSettings(answer.temporal, { stored: planned, hostId });
  if (answer.temporal) await writeCredentials(answer, paths, files);
  const { takesReports = false } = answer;
  const after = withRegistration(planned, { hostId, temporal, takesReports });
  const freshMode = identity.uid === 0 ? 0o644 : 0o600;
  if (stored) await writeConfig(stored, after, files);
  else await files.writeText(paths.config, after.text, { mode: freshMode });
  const facts = { installationId, socketGid: docker.socketGid, config: after.config };
  await writeStack(facts, tools);
  await giveToOwner(paths, tools);
  return after;
}

interface Saying {
  readonly json: boolean;
  readonly tools: Tools;
}

function sayPlan(findings: Findings, { json, tools: { terminal } }: Saying): void {
  const actions = plannedActions(findings);
  if (json) return terminal.say(JSON.stringify({ dry_run: true, actions }, null, 2));
  for (const action of actions) terminal.say(`would ${action}`);
}

function sayHost(
  host: HostMessage,
  { config: { config }, json, tools: { terminal } }: Saying & { readonly config: StoredConfig },
): void {
  if (json) return terminal.say(JSON.stringify(host, null, 2));
  const seen = host.status === ONLINE ? " and online" : ", and its stack is healthy";
  terminal.say(`Host "${host.hostId}" is registered${seen}`);
  if (config.agents.length > 0) return;
  terminal.note(
    'It has no agents yet: name them in bigeye_agent.yml, then run "bigeye-agent sync"',
  );
}

/** Completes what would be dialed, if Bigeye's answer names nothing. */
function elseDialed(planned: StoredConfig): string {
  const temporal = configuredTemporal(planned);
  if (!temporal) return "because neither bigeye_agent.yml nor Bigeye's address does";
  const { address, namespace, server_name, sign_in } = temporal;
  const ways = [
    server_name === undefined ? "without TLS" : `TLS as ${server_name}`,
    ...(sign_in === undefined ? [] : ["with the Agent API Key"]),
  ];
  return `or else ${address}, namespace ${namespace}, ${ways.join(", ")}`;
}

/** Lists the changes of `--dry-run`, one a line, in the order in which they would be made. */
export function plannedActions(findings: Findings): readonly string[] {
  const { planned, stored, hostId, installationId, keyPair, connection, foreignStack } = findings;
  const agents = planned.config.agents.map(({ type }) => type).toSorted();
  return [
    "create agent_config/, agent_runs/, agents/ and .bigeye/ where they are missing",
    keyPair.kind === "make"
      ? "create an RSA-4096 key pair in agent_config/ and register its public half with Bigeye"
      : `reuse the key pair in agent_config/${
        keyPair.isRegistered ? "" : " and register its public half with Bigeye"
      }`,
    "download Bigeye's public key to agent_config/bigeye.pem",
    "keep the Agent API Key in agent_config/agent_api_key (mode 0600)",
    `register host "${hostId}" at ${connection.url} with ${agents.join(", ") || "no agents"}`,
    `dial the Temporal that Bigeye's answer names, ${elseDialed(planned)}`,
    stored
      ? "set docker_compose_enabled and orchestrator in bigeye_agent.yml"
      : "write a new bigeye_agent.yml",
    ...(foreignStack ? [`rename the existing ${COMPOSE_FILE} to ${foreignStack.name}`] : []),
    `write ${COMPOSE_FILE}`,
    `start the stack ${projectName(installationId)} and wait until the host is online`,
  ];
}
