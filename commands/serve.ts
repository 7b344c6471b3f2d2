/** `bigeye-agent serve`: runs the orchestrator in the foreground; the entry point of its container. */

import { healthFile, isHealthy } from "../orchestrator/host/health.ts";
import { serve as runOrchestrator } from "../orchestrator/serve.ts";
import { keepSmall } from "../lib/system/memory.ts";
import { unhealthy } from "../lib/problems/compose.ts";
import { DOCKER_HOST, ORCHESTRATOR_SERVICE } from "../templates/stack.ts";
import type { Tools } from "./context.ts";

export interface ServeFlags {
  readonly health: boolean;
}

type Needs = Pick<
  Tools,
  | "clock"
  | "direct"
  | "env"
  | "files"
  | "folder"
  | "identity"
  | "lockFile"
  | "log"
  | "network"
  | "releaseMemory"
  | "stop"
  | "uptime"
>;

/** Runs the orchestrator. Its container sets BIGEYE_HOST_FOLDER; without it the current folder is used. */
export async function serve({ health }: ServeFlags, tools: Needs): Promise<void> {
  const { direct, env, files, clock } = tools;
  const healthPath = healthFile(env("TMPDIR") ?? "/tmp");
  if (health) {
    if (await isHealthy(healthPath, { files, clock })) return;
    throw unhealthy(ORCHESTRATOR_SERVICE, "it is still starting, or it has stopped");
  }
  const dockerUrl = (env("DOCKER_HOST") ?? DOCKER_HOST).replace(/^tcp:/, "http:");
  const orchestrate = () =>
    runOrchestrator({
      ...tools,
      folder: env("BIGEYE_HOST_FOLDER") ?? tools.folder,
      dockerUrl,
      dockerFetch: direct(dockerUrl),
      healthPath,
      connect: async (options) => {
        const { connectHost } = await import("../orchestrator/host/temporal.ts");
        return await connectHost(options);
      },
    }, tools.stop);
  await keepSmall(tools, orchestrate);
}
