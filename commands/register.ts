/** `bigeye-agent register`: bring this host under the orchestrator, or bring it up to date. */

import { type StoredConfig, writeConfig } from "../lib/config/store.ts";
import type { Host, RegisterAnswer } from "../lib/contract/host.ts";
import type { Tools } from "./context.ts";
import { keepCredentials } from "./host/credentials.ts";
import { makeFolders } from "./host/folders.ts";
import { giveToOwner } from "./host/owner.ts";
import { hostStack, writeStack } from "./host/stack.ts";
import { hostClaim } from "./host/claim.ts";
import { networkCaPath, withRegistration } from "./register/config_changes.ts";
import { plannedActions } from "./register/dry_run.ts";
import { type Findings, gather, type HostFlags } from "./register/findings.ts";
import { startStack } from "./register/online.ts";
import { provisionKeys } from "./register/key_pair.ts";

export interface RegisterFlags extends HostFlags {
  readonly dryRun: boolean;
  readonly json: boolean;
}

/**
 * Runs the documented steps in their order. Each one leaves what is right already alone, so a call after
 * one that failed or was stopped goes on where that one ended.
 */
export async function register(flags: RegisterFlags, tools: Tools): Promise<void> {
  const findings = await gather(flags, tools);
  if (flags.dryRun) return sayPlan(findings, { json: flags.json, tools });

  await keepOwnFiles(findings, tools);
  await provisionKeys(findings.keyPair, findings.paths, { ...findings.clients, ...tools });
  tools.terminal.note(`ok    key pair ${findings.keyPair.kind === "make" ? "made" : "reused"}`);

  const answer = await claimHost(findings, tools);
  tools.terminal.note(`ok    registered, task queue ${answer.temporal.task_queue}`);

  const config = await keepRegistration(answer, { findings, tools });
  tools.terminal.note("ok    bigeye_agent.yml and docker-compose.bigeye.yml written");
  tools.terminal.note("      starting the stack; images that are absent are pulled first");
  const { installationId, clients } = findings;
  const stack = hostStack(installationId, tools);
  const host = await startStack(answer.host, { ...tools, stack, bigeye: clients.personal });
  sayHost(host, { config, json: flags.json, tools });
}

/** The id comes first: a register call whose answer is lost must meet the same installation again. */
async function keepOwnFiles(findings: Findings, { files }: Tools): Promise<void> {
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

function claimHost(findings: Findings, { stop }: Tools): Promise<RegisterAnswer> {
  const { clients, planned } = findings;
  return clients.personal.register(hostClaim(findings, planned.config), stop);
}

async function keepRegistration(
  answer: RegisterAnswer,
  { findings, tools }: { findings: Findings; tools: Tools },
): Promise<StoredConfig> {
  const { paths, stored, planned, hostId, installationId, docker } = findings;
  const { files, identity } = tools;
  await keepCredentials(answer, paths, files);
  const after = withRegistration(planned, hostId, answer.temporal);
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
  host: Host,
  { config: { config }, json, tools: { terminal } }: Saying & { readonly config: StoredConfig },
): void {
  if (json) return terminal.say(JSON.stringify(host, null, 2));
  terminal.say(`Host "${host.host_id}" is registered and online`);
  if (config.agents.length > 0) return;
  terminal.note(
    'It has no agents yet: name them in bigeye_agent.yml, then run "bigeye-agent sync"',
  );
}
