/** A host that was registered: its settings, its id, and its stack, for the commands that need one. */

import { type HostPaths, hostPaths } from "../../lib/config/host_paths.ts";
import { readConfig, type StoredConfig } from "../../lib/config/store.ts";
import type { ComposeStack } from "../../lib/docker/compose.ts";
import { composeFileMissing, composeNotEnabled } from "../../lib/problems/compose.ts";
import { notRegistered } from "../../lib/problems/host.ts";
import type { Tools } from "../context.ts";
import { findInstallation } from "./folders.ts";
import { composePath, hostStack } from "./stack.ts";

export interface RegisteredHost {
  readonly paths: HostPaths;
  readonly stored: StoredConfig;
  readonly hostId: string;
  readonly installationId: string;
}

/** Reads what `register` left; throws where it was never run to its end. */
export async function readRegistered(
  { files, folder }: Pick<Tools, "files" | "folder">,
): Promise<RegisteredHost> {
  const paths = hostPaths(folder);
  const stored = await readConfig(paths.config, files);
  const hostId = stored.config.orchestrator.host_id;
  const installationId = await findInstallation(paths, files);
  if (!hostId || installationId === undefined) throw notRegistered(paths.config);
  return { paths, stored, hostId, installationId };
}

export interface EnabledStack extends RegisteredHost {
  readonly stack: ComposeStack;
}

/** The stack of a host in Docker Compose mode; throws the documented refusal where it is off. */
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
