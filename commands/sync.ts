/** `bigeye-agent sync`: applies changes of `bigeye_agent.yml` to Bigeye and to the stack. */

import { verifyOtherFiles } from "../boundary/verify.ts";
import { bigeyeClient } from "../lib/bigeye/client.ts";
import { registerRequest } from "../lib/bigeye/register.ts";
import { readNetwork } from "../lib/config/store.ts";
import { parseServices } from "../lib/docker/compose.ts";
import { composeFailed } from "../lib/problems/compose.ts";
import { configInvalid, notRegistered } from "../lib/problems/host.ts";
import { socketMissing } from "../lib/problems/docker.ts";
import { Secret } from "../lib/crypto/secret.ts";
import { DOCKER_SOCKET } from "../templates/stack.ts";
import type { Tools } from "./context.ts";
import { findPersonalKey, type KeyFlags } from "./register/api_keys.ts";
import { hostClaim, readRegistered, type RegisteredHost } from "./host/registered.ts";
import { makeFolders, writeCredentials } from "./host/files.ts";
import { untilHealthy } from "./host/healthy.ts";
import { giveToOwner } from "./host/owner.ts";
import { hostStack, writeStack } from "./host/stack.ts";

export interface SyncFlags extends Pick<KeyFlags, "personalKeyFile"> {
  readonly dryRun: boolean;
  readonly json: boolean;
}

type Needs = Pick<
  Tools,
  "clock" | "env" | "exec" | "files" | "folder" | "identity" | "network" | "stop" | "terminal"
>;

/**
 * Updates the registration with the admin's key that is given, or else the host's Agent API Key, then the
 * stack.
 */
export async function sync(flags: SyncFlags, tools: Needs): Promise<void> {
  const { dryRun, json } = flags;
  const { stop, terminal } = tools;
  const host = await readRegistered(tools);
  const claim = hostClaim({ ...host, replace: false }, host.stored.config);
  await verifyOtherFiles(tools.files, tools.folder);
  if (dryRun) return terminal.say(JSON.stringify(registerRequest(claim), null, 2));

  const bigeye = await clientOf(host, flags, tools);
  const answer = await bigeye.register(claim, stop);
  if (answer.temporal) await writeCredentials(answer, host.paths, tools.files);
  await regenerate(host, tools);
  if (host.stored.config.docker_compose_enabled) await bringUpToDate(host, tools);
  if (json) return terminal.say(JSON.stringify(answer.host, null, 2));
  const agents = claim.managed_agents.join(", ") || "no agents";
  terminal.say(`Bigeye has host "${host.hostId}" with ${agents}`);
}

async function clientOf(
  { paths, stored }: RegisteredHost,
  flags: SyncFlags,
  tools: Needs,
) {
  const { clock, files, folder, network, terminal } = tools;
  const { bigeye } = stored.config;
  if (!bigeye.url) {
    throw configInvalid(paths.config, [{ path: "bigeye.url", message: "is missing" }]);
  }
  const agentKey = (await files.readText(paths.agentApiKey))?.trim();
  if (!agentKey) throw notRegistered(paths.agentApiKey);
  const personal = await findPersonalKey(flags, tools);
  const fetch = network(await readNetwork(bigeye, { files, folder }));
  return bigeyeClient({
    url: bigeye.url,
    workspaceId: bigeye.workspace_id ?? undefined,
    onWait: (seconds) => terminal.note(`      Bigeye asks for a pause of ${seconds} s`),
    key: personal ?? new Secret(agentKey),
    keyName: personal ? "Personal API Key" : "Agent API Key",
    fetch,
    clock,
  });
}

async function regenerate(host: RegisteredHost, tools: Needs): Promise<void> {
  const { paths, installationId, stored: { config } } = host;
  const socket = await tools.files.stat(DOCKER_SOCKET);
  if (!socket) throw socketMissing(DOCKER_SOCKET);
  await makeFolders(paths, config, tools.files);
  await writeStack({ installationId, socketGid: socket.gid, config }, tools);
  await giveToOwner(paths, tools);
}

/** Restarts changed services. A stack that the operator took down stays down. */
async function bringUpToDate({ installationId }: RegisteredHost, tools: Needs): Promise<void> {
  const stack = hostStack(installationId, tools);
  const listed = await stack.run(["ps", "--all", "--format", "json"], tools.stop);
  if (listed.code !== 0) throw composeFailed("read the state of the stack", listed.stderr);
  if (parseServices(listed.stdout).length === 0) return;
  const { code, stderr } = await stack.run(["up", "--detach"], tools.stop);
  if (code !== 0) throw composeFailed("restart the services", stderr);
  await untilHealthy({ ...tools, stack });
}
