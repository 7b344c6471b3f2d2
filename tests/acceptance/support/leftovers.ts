/** Lists everything in Docker, to find what a test has left behind. */

import { run } from "../../../tools/cli/run.ts";
import { waitFor } from "../../harness/time/wait.ts";

const LISTS: readonly (readonly string[])[] = [
  ["ps", "--all", "--no-trunc", "--format", "container {{.Names}} of {{.Image}}"],
  ["network", "ls", "--no-trunc", "--format", "network {{.Name}} {{.ID}}"],
  ["volume", "ls", "--format", "volume {{.Name}}"],
  ["image", "ls", "--no-trunc", "--format", "image {{.Repository}}:{{.Tag}} {{.ID}}"],
];

/** Lists every container, network, volume and image, tagged or not, one per line. */
export async function inDocker(): Promise<readonly string[]> {
  const texts = await Promise.all(LISTS.map((list) => run(["docker", ...list])));
  return texts.join("").split("\n").filter((line) => line !== "");
}

/**
 * Waits until everything is gone that is there now and was not there `before`. Other test runs on this machine
 * may have created some of it, and remove it when they end.
 */
export async function nothingNewIn(before: readonly string[]): Promise<void> {
  const isNew = (line: string) => !before.includes(line);
  const found = new Set((await inDocker()).filter(isNew));
  const left = async () => (await inDocker()).filter((line) => found.has(line));
  await waitFor(async () => (await left()).length === 0 || undefined, {
    what: "Docker to have nothing new",
    timeoutMs: 180_000,
    intervalMs: 1_000,
    explain: async () => (await left()).join("\n"),
  });
}
