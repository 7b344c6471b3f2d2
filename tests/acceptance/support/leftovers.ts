/** What Docker has on this machine, to be compared with what it had before. */

import { run } from "../../../tools/cli/run.ts";
import { waitFor } from "../../harness/time/wait.ts";

const LISTS: readonly (readonly string[])[] = [
  ["ps", "--all", "--no-trunc", "--format", "container {{.Names}} of {{.Image}}"],
  ["network", "ls", "--no-trunc", "--format", "network {{.Name}} {{.ID}}"],
  ["volume", "ls", "--format", "volume {{.Name}}"],
  ["image", "ls", "--no-trunc", "--format", "image {{.Repository}}:{{.Tag}} {{.ID}}"],
];

/** Every container, network, volume and image, tagged or not, one a line. */
export async function inDocker(): Promise<readonly string[]> {
  const texts = await Promise.all(LISTS.map((list) => run(["docker", ...list])));
  return texts.join("").split("\n").filter((line) => line !== "");
}

/**
 * Waits until nothing is left of what is there now and was not there `before`. On a machine of one's
 * own that is so at once; what neighbours have made in the meantime goes with their runs.
 */
export async function nothingNewIn(before: readonly string[]): Promise<void> {
  const isNew = (line: string) => !before.includes(line);
  const found = new Set((await inDocker()).filter(isNew));
  const left = async () => (await inDocker()).filter((line) => found.has(line));
  await waitFor(async () => (await left()).length === 0 || undefined, {
    what: "Docker to have nothing that it had not before",
    timeoutMs: 180_000,
    intervalMs: 1_000,
    explain: async () => (await left()).join("\n"),
  });
}
