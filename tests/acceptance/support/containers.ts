/** Reads the agent containers of a scene from the Docker Engine. */

import { containerName, LABELS } from "../../../lib/contract/container.ts";
import type { Run } from "../../../lib/contract/run.ts";
import { run } from "../../../tools/cli/run.ts";
import type { Scene } from "../../harness/scene/scene.ts";
import { waitFor } from "../../harness/time/wait.ts";

/** Returns the names of all agent containers of the host, running or not. */
export async function agentContainers({ host }: Pick<Scene, "host">): Promise<readonly string[]> {
  const filter = `label=${LABELS.installation}=${host.installationId}`;
  const text = await run(["docker", "ps", "--all", "--format", "{{.Names}}", "--filter", filter]);
  return text.split("\n").filter((name) => name !== "");
}

/** Waits until no agent container of the host is left. */
export async function nothingLeft(scene: Pick<Scene, "host">): Promise<void> {
  await waitFor(async () => (await agentContainers(scene)).length === 0 || undefined, {
    what: "the host to remove its agent containers",
    explain: async () => (await agentContainers(scene)).join(", "),
  });
}

/** Ends the sleep of the stand-in, so that it goes on and exits by itself. */
export async function endWork({ id }: Run): Promise<void> {
  const script = "for p in /proc/[0-9]*; do [[ $(<$p/comm) != sleep ]] || kill ${p##*/}; done";
  await run(["docker", "exec", containerName(id), "/bin/bash", "-c", script]);
}

/** Counts in the engine's events how often the container of the run was started. */
export async function timesStarted(runId: string, since: Date): Promise<number> {
  const events = await eventsOf(containerName(runId), since);
  return events.filter(({ Action }) => Action === "start").length;
}

/** Finds in the engine's events how the container was first stopped since then. */
export async function stopOf(
  container: string,
  since: Date,
): Promise<{ readonly signal?: string; readonly exitCode?: string }> {
  const events = await eventsOf(container, since);
  const killed = events.find(({ Action }) => Action === "kill");
  const ended = events.find(({ Action }) => Action === "die");
  return {
    ...(killed?.Actor.Attributes["signal"] && { signal: killed.Actor.Attributes["signal"] }),
    ...(ended?.Actor.Attributes["exitCode"] && { exitCode: ended.Actor.Attributes["exitCode"] }),
  };
}

interface EngineEvent {
  readonly Action: string;
  readonly Actor: { readonly Attributes: Readonly<Record<string, string>> };
  readonly timeNano: number;
}

async function eventsOf(container: string, since: Date): Promise<readonly EngineEvent[]> {
  const window = ["--since", seconds(since), "--until", seconds(new Date())];
  const of = ["--filter", `container=${container}`, "--format", "{{json .}}"];
  const text = await run(["docker", "events", ...window, ...of]);
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

/** With milliseconds, because with whole seconds the engine would omit the events of the last second. */
const seconds = (time: Date): string => (time.getTime() / 1000).toFixed(3);
