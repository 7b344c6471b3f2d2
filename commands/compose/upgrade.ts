/** `bigeye-agent compose upgrade`: pull the images of this version and recreate the services. */

import { orchestratorImage } from "../../lib/config/images.ts";
import { composeFailed, upgradeNotPulled } from "../../lib/problems/compose.ts";
import { socketMissing } from "../../lib/problems/host.ts";
import { DOCKER_SOCKET } from "../../templates/stack.ts";
import type { Tools } from "../context.ts";
import { readEnabledStack } from "../host/registered.ts";
import { writeStack } from "../host/stack.ts";

type Needs = Pick<Tools, "exec" | "files" | "folder" | "identity" | "stop" | "terminal">;

/** The image comes first: until it is there, neither the file nor a container is touched. */
export async function composeUpgrade(
  _flags: Readonly<Record<never, never>>,
  tools: Needs,
): Promise<void> {
  const { exec, files, stop, terminal } = tools;
  const { stack, stored: { config }, installationId } = await readEnabledStack(tools);
  const socket = await files.stat(DOCKER_SOCKET);
  if (!socket) throw socketMissing(DOCKER_SOCKET);

  const image = orchestratorImage(config);
  terminal.note(`Pulling ${image}`);
  const pulled = await exec.run(["docker", "pull", image], { signal: stop });
  if (pulled.code !== 0) throw upgradeNotPulled(pulled.stderr);

  await writeStack({ installationId, socketGid: socket.gid, config }, tools);
  const code = await stack.attach(["up", "--detach", "--force-recreate"], stop);
  if (code !== 0) throw composeFailed("recreate the services", "");
}
