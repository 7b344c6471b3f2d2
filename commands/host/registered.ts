/** Reads a registered host: settings, id and stack. Also makes its claim to Bigeye. */

import { type HostPaths, hostPaths } from "../../lib/config/host_paths.ts";
import type { AgentConfig } from "../../lib/config/schema.ts";
import { readConfig, type StoredConfig } from "../../lib/config/store.ts";
import type { Registration } from "../../lib/contract/host.ts";
import type { ComposeStack } from "../../lib/docker/compose.ts";
import { composeFileMissing, composeNotEnabled } from "../../lib/problems/compose.ts";
import { notRegistered } from "../../lib/problems/host.ts";
import { VERSION } from "../../lib/version.ts";
import type { Tools } from "../context.ts";
import { findInstallation } from "./files.ts";
import { composePath, hostStack } from "./stack.ts";

export interface RegisteredHost {
  readonly paths: HostPaths;
  readonly stored: StoredConfig;
  readonly hostId: string;
  readonly installationId: string;
}

/** Reads the registration. @throws `host_not_registered` if `register` never completed. */
export async function readRegistered(
  { files, folder }: Pick<Tools, "files" | "folder">,
): Promise<RegisteredHost> {
  const paths = hostPaths(folder);
  const stored = await readConfig(paths.config, files);
  const hostId = stored.config.orchestrator.host_id;
  if (!hostId) throw notRegistered(paths.config, "orchestrator.host_id");
  const installationId = await findInstallation(paths, files);
  if (installationId === undefined) throw notRegistered(paths.installation);
  return { paths, stored, hostId, installationId };
}

export interface EnabledStack extends RegisteredHost {
  readonly stack: ComposeStack;
}

/** Reads the host and its stack. @throws the documented refusal if Docker Compose mode is off. */
export async function readEnabledStack(
  tools: Pick<Tools, "exec" | "files" | "folder">,
): Promise<EnabledStack> {
  const { config } = await readConfig(hostPaths(tools.folder).config, tools.files);
  if (!config.docker_compose_enabled) throw composeNotEnabled();
  const host = await readRegistered(tools);
  const path = composePath(tools.folder);
  if (await tools.files.stat(path) === undefined) throw composeFileMissing(path);
  return { ...host, stack: hostStack(host.installationId, tools) };
}

export interface Claim {
  readonly hostId: string;
  readonly installationId: string;
  readonly replace: boolean;
}

/** Makes the claim that registers the host. Persistent agents are included, but Bigeye only records them. */
export function hostClaim(
  { hostId, installationId, replace }: Claim,
  { agents }: Pick<AgentConfig, "agents">,
): Registration {
  return {
    host_id: hostId,
    installation_id: installationId,
    managed_agents: agents.map(({ type }) => type).toSorted(),
    version: VERSION,
    replace,
  };
}
