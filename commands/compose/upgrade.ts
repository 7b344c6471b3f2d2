/** `bigeye-agent compose upgrade`: pulls the newest images, including the agents', and recreates the services. */

import { verifyOtherFiles } from "../../boundary/verify.ts";
import { upgradedImages } from "../../lib/config/schema.ts";
import { composeFailed, type FailedPull, upgradeNotPulled } from "../../lib/problems/compose.ts";
import { socketMissing } from "../../lib/problems/docker.ts";
import { DOCKER_SOCKET } from "../../templates/stack.ts";
import type { Tools } from "../context.ts";
import { untilHealthy } from "../host/healthy.ts";
import { readEnabledStack } from "../host/registered.ts";
import { writeStack } from "../host/stack.ts";

type Needs = Pick<Tools, "clock" | "exec" | "files" | "folder" | "identity" | "stop" | "terminal">;

/**
 * Pulls all images before it changes the file or a container. Agents' images are pulled here because a run
 * pulls only a missing image, and would keep its first `latest` forever.
 */
export async function composeUpgrade(
  _flags: Readonly<Record<never, never>>,
  tools: Needs,
): Promise<void> {
  const { files, stop } = tools;
  const { stack, stored: { config }, installationId } = await readEnabledStack(tools);
  const socket = await files.stat(DOCKER_SOCKET);
  if (!socket) throw socketMissing(DOCKER_SOCKET);
  await verifyOtherFiles(files, tools.folder);

  const failed = await pull(upgradedImages(config), tools);
  if (failed.length > 0) throw upgradeNotPulled(failed);

  await writeStack({ installationId, socketGid: socket.gid, config }, tools);
  const code = await stack.attach(["up", "--detach", "--force-recreate"], stop);
  if (code !== 0) throw composeFailed("recreate the services", "");
  await untilHealthy({ ...tools, stack });
}

/** Tries every image, so that one call names all that cannot be pulled. */
async function pull(
  images: readonly string[],
  { exec, stop, terminal }: Needs,
): Promise<readonly FailedPull[]> {
  const failed: FailedPull[] = [];
  for (const image of images) {
    terminal.note(`Pulling ${image}`);
    const { code, stderr } = await exec.run(["docker", "pull", image], { signal: stop });
    if (code !== 0) failed.push({ image, output: stderr });
  }
  return failed;
}
