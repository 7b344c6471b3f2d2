/** The agent containers of a scene, as the engine has them. */

import { containerName, LABELS } from "../../../lib/contract/container.ts";
import { run } from "../../../tools/run.ts";
import type { Scene } from "../../../tools/scene/scene.ts";
import { waitFor } from "../../../tools/scene/wait.ts";

/** Names of all agent containers of the host, running or not. */
export async function agentContainers({ host }: Scene): Promise<readonly string[]> {
  const filter = `label=${LABELS.installation}=${host.installationId}`;
  const text = await run(["docker", "ps", "--all", "--format", "{{.Names}}", "--filter", filter]);
  return text.split("\n").filter((name) => name !== "");
}

/** Waits until no agent container of the host is left. */
export async function nothingLeft(scene: Scene): Promise<void> {
  await waitFor(async () => (await agentContainers(scene)).length === 0 || undefined, {
    what: "the host to remove its agent containers",
    explain: async () => (await agentContainers(scene)).join(", "),
  });
}

/** How often the engine started a container of the run, by its own record. */
export async function timesStarted(runId: string, since: Date): Promise<number> {
  const filters = ["event=start", `container=${containerName(runId)}`].flatMap((filter) => [
    "--filter",
    filter,
  ]);
  const window = ["--since", seconds(since), "--until", seconds(new Date())];
  const text = await run(["docker", "events", ...window, ...filters, "--format", "{{.ID}}"]);
  return text.split("\n").filter((line) => line !== "").length;
}

/** With its fraction: the engine leaves out what happened in the last second of a whole one. */
const seconds = (time: Date): string => (time.getTime() / 1000).toFixed(3);
