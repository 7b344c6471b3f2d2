/** Gathers everything that `register` must know, without changing anything. */

import { verifyOtherFiles } from "../../boundary/verify.ts";
import { bigeyeClient } from "../../lib/bigeye/client.ts";
import { type HostPaths, hostPaths } from "../../lib/config/host_paths.ts";
import { findConfig, type StoredConfig } from "../../lib/config/store.ts";
import type { Tools } from "../context.ts";
import { findInstallation } from "../host/files.ts";
import { findForeignStack, type ForeignStack } from "../host/stack.ts";
import { checkStackCanRead } from "../host/owner.ts";
import { type AccountClients, checkHostIdIsOurs, readAccount } from "./account.ts";
import { checkPatchable, configToPatch, withConnection } from "./config_changes.ts";
import { type KeyPairPlan, planKeyPair } from "./key_pair.ts";
import { checkDocker, type DockerFacts } from "./preflight.ts";
import { type ApiKeys, chooseApiKeys, type KeyFlags } from "./api_keys.ts";
import {
  chooseConnection,
  chooseHostId,
  type Connection,
  type ConnectionFlags,
  refuseKubernetes,
} from "./settings.ts";

export interface HostFlags extends KeyFlags, ConnectionFlags {
  readonly hostId?: string;
  readonly replace: boolean;
}

export interface Findings {
  readonly paths: HostPaths;
  readonly hostId: string;
  readonly installationId: string;
  readonly replace: boolean;
  readonly docker: DockerFacts;
  readonly connection: Connection;
  readonly keys: ApiKeys;
  readonly clients: AccountClients;
  readonly keyPair: KeyPairPlan;
  /** The file on disk; `undefined` on a new host. */
  readonly stored: StoredConfig | undefined;
  /** The future file, without the keys that depend on the answer to register. */
  readonly planned: StoredConfig;
  /** A compose file that the agent did not write, which will be kept under another name. */
  readonly foreignStack: ForeignStack | undefined;
}

/** Asks and checks in the documented order. @throws the first problem. */
export async function gather(flags: HostFlags, tools: Tools): Promise<Findings> {
  const { files, stop, terminal } = tools;
  const paths = hostPaths(tools.folder);
  const stored = await findConfig(paths.config, files);
  if (stored) refuseKubernetes(stored);
  const hostId = await chooseHostId(flags.hostId, stored, tools);

  const docker = await checkDocker(tools);
  await checkStackCanRead(paths, tools);
  await verifyOtherFiles(files, tools.folder);
  terminal.note(`ok    Docker Compose ${docker.compose}, Docker Engine ${docker.engine}`);

  const connection = await chooseConnection(flags, stored, tools);
  const planned = withConnection(configToPatch(stored, connection, paths), connection, paths);
  checkPatchable(planned, hostId);
  const keys = await chooseApiKeys(flags, paths, tools);
  const workspaceId = planned.config.bigeye.workspace_id ?? undefined;
  const clients = clientsFor({ ...connection, workspaceId }, keys, tools);
  const account = await readAccount(clients, stop);
  terminal.note(`ok    both API keys, the personal one an admin's, at ${connection.url}`);

  const installationId = await findInstallation(paths, files) ?? crypto.randomUUID();
  const registeredAs = stored?.config.orchestrator.host_id ?? undefined;
  const claim = { hostId, installationId, registeredAs, replace: flags.replace };
  await checkHostIdIsOurs(account, { ...claim, personal: clients.personal, signal: stop });
  terminal.note(`ok    host id "${hostId}"`);

  const privatePem = await files.readText(paths.privateKey);
  const keyPair = await planKeyPair({ ...account, hostId, privatePem }, paths);
  const foreignStack = await findForeignStack(tools);
  const { replace } = flags;
  const found = { paths, hostId, installationId, replace, docker, connection };
  return { ...found, keys, clients, keyPair, stored, planned, foreignStack };
}

function clientsFor(
  { url, proxy, ca, workspaceId }: Connection & { readonly workspaceId: number | undefined },
  keys: ApiKeys,
  tools: Tools,
): AccountClients {
  const fetch = tools.network({
    ...(proxy === undefined ? {} : { proxy }),
    ...(ca === undefined ? {} : { caCertificates: [ca.pem] }),
  });
  const onWait = (seconds: number) =>
    tools.terminal.note(`      Bigeye asks for a pause of ${seconds} s`);
  const caller = { url, workspaceId, fetch, clock: tools.clock, onWait };
  return {
    personal: bigeyeClient({ ...caller, key: keys.personal, keyName: "Personal API Key" }),
    agent: bigeyeClient({ ...caller, key: keys.agent, keyName: "Agent API Key" }),
  };
}
