/** The host's Compose stack: its file, its project, and the wait until it works. */

import { type ComposeStack, composeStack } from "../../lib/docker/compose.ts";
import { hostPaths } from "../../lib/config/host_paths.ts";
import { orchestratorImage } from "../../lib/config/images.ts";
import type { AgentConfig } from "../../lib/config/schema.ts";
import { PROXY_FLAGS } from "../../boundary/policy.ts";
import { composeFile } from "../../templates/compose.ts";
import { COMPOSE_FILE } from "../../templates/stack.ts";
import type { Tools } from "../context.ts";
import { settingsDigest } from "./digest.ts";
import { keepForeignStack } from "./kept_stack.ts";
import { stackOwner } from "./owner.ts";

/** Everybody may read it: the orchestrator compares it with the pinned form, and no secret is in it. */
const READABLE = 0o644;

export const composePath = (folder: string): string => `${folder}/${COMPOSE_FILE}`;

/** One project for each installation: two host folders on one engine never meet. */
export const projectName = (installationId: string): string =>
  `bigeye-agent-${installationId.slice(0, 8)}`;

export interface StackFacts {
  readonly installationId: string;
  readonly socketGid: number;
  readonly config: AgentConfig;
}

/**
 * Writes `docker-compose.bigeye.yml` for what the host's files say now. It is generated: what we wrote
 * before is replaced, and what somebody else wrote is kept beside first.
 */
export async function writeStack(
  { installationId, socketGid, config }: StackFacts,
  tools: Pick<Tools, "files" | "folder" | "identity" | "terminal">,
): Promise<void> {
  const { files, folder, identity } = tools;
  const text = composeFile({
    project: projectName(installationId),
    image: orchestratorImage(config),
    hostFolder: folder,
    ...stackOwner(identity),
    socketGid,
    proxyFlags: PROXY_FLAGS,
    restart: "unless-stopped",
    environment: { BIGEYE_SETTINGS_DIGEST: await settingsDigest(hostPaths(folder), files) },
  });
  const path = composePath(folder);
  const held = await files.readBytes(path);
  if (held && new TextDecoder("utf-8", { ignoreBOM: true }).decode(held) === text) return;
  await keepForeignStack(tools);
  await files.writeText(path, text, { mode: READABLE });
}

/** `docker compose`, bound to this host's project and file. */
export function hostStack(
  installationId: string,
  { exec, folder }: Pick<Tools, "exec" | "folder">,
): ComposeStack {
  return composeStack(exec, {
    project: projectName(installationId),
    file: composePath(folder),
    folder,
  });
}
