/** `bigeye-agent compose upgrade`: pull the newest images, the agents' too, and recreate the services. */

import { verifyOtherFiles } from "../../boundary/verify.ts";
import { upgradedImages } from "../../lib/config/images.ts";
import { composeFailed, type FailedPull, upgradeNotPulled } from "../../lib/problems/compose.ts";
import { socketMissing } from "../../lib/problems/docker.ts";
import { DOCKER_SOCKET } from "../../templates/stack.ts";
import type { Tools } from "../context.ts";
import { untilHealthy } from "../host/healthy.ts";
import { readEnabledStack } from "../host/registered.ts";
import { writeStack } from "../host/stack.ts";

type Needs = Pick<Tools, "clock" | "exec" | "files" | "folder" | "identity" | "stop" | "terminal">;

/**
 * The images come first: until all are there, neither the file nor a container is touched. An agent's image
 * is pulled here because a run pulls only what is absent, and would stay with the first `latest` for ever.
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

/** Tries each one, so that one call names everything that is missing. */
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
