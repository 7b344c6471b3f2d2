/** The containers of a scene's compose stack. */

import { run } from "../../../tools/cli/run.ts";
import type { Scene } from "./scene.ts";

export type Service = "bigeye-agent-orchestrator" | "docker-socket-proxy";

/** The container id of one service of the host's stack, whether it runs or not. */
export async function serviceContainer({ host }: Scene, service: Service): Promise<string> {
  const project = `bigeye-agent-${host.installationId.slice(0, 8)}`;
  const labels = [
    `label=com.docker.compose.project=${project}`,
    `label=com.docker.compose.service=${service}`,
  ];
  const filters = labels.flatMap((label) => ["--filter", label]);
  return (await run(["docker", "ps", "--all", "--quiet", "--no-trunc", ...filters])).trim();
}
