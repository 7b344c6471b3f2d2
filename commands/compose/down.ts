/** `bigeye-agent compose down`: stops all services and the running agents. */

import { LABELS } from "../../lib/contract/container.ts";
import { composeFailed } from "../../lib/problems/compose.ts";
import type { Tools } from "../context.ts";
import { readEnabledStack } from "../host/registered.ts";

type Needs = Pick<Tools, "exec" | "files" | "folder" | "stop" | "terminal">;

/** Time from SIGTERM to SIGKILL for an agent. */
const GRACE_SECONDS = "30";

/**
 * Stops the orchestrator first, so that it neither starts runs nor records their ends meanwhile. It reports
 * the stopped runs when the stack is up again.
 */
export async function composeDown(
  _flags: Readonly<Record<never, never>>,
  tools: Needs,
): Promise<void> {
  const { stop } = tools;
  const { stack, installationId } = await readEnabledStack(tools);
  await mustWork("stop the stack", () => stack.attach(["stop"], stop));
  await stopAgents(installationId, tools);
  await mustWork("remove the stack", () => stack.attach(["down"], stop));
}

async function stopAgents(installationId: string, { exec, stop, terminal }: Needs): Promise<void> {
  const filter = `label=${LABELS.installation}=${installationId}`;
  const argv = ["docker", "ps", "--quiet", "--filter", filter];
  const listed = await exec.run(argv, { signal: stop });
  if (listed.code !== 0) throw composeFailed("list the running agents", listed.stderr);
  const ids = listed.stdout.split("\n").filter((id) => id !== "");
  if (ids.length === 0) return;
  terminal.note(`Stopping ${ids.length} running agent${ids.length === 1 ? "" : "s"}`);
  const stopped = await exec.run(["docker", "stop", "--time", GRACE_SECONDS, ...ids], {
    signal: stop,
  });
  if (stopped.code !== 0) throw composeFailed("stop the running agents", stopped.stderr);
}

async function mustWork(doing: string, work: () => Promise<number>): Promise<void> {
  if (await work() !== 0) throw composeFailed(doing, "");
}
