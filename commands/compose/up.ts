/** `bigeye-agent compose up`: starts the orchestrator and its socket proxy, and waits until both are healthy. */

import { verifyOnDisk } from "../../boundary/verify.ts";
import { composeFailed } from "../../lib/problems/compose.ts";
import type { Tools } from "../context.ts";
import { untilHealthy } from "../host/healthy.ts";
import { readEnabledStack } from "../host/registered.ts";

type Needs = Pick<Tools, "clock" | "exec" | "files" | "folder" | "stop" | "terminal">;

export async function composeUp(
  _flags: Readonly<Record<never, never>>,
  tools: Needs,
): Promise<void> {
  const { stack } = await readEnabledStack(tools);
  await verifyOnDisk(tools.files, tools.folder);
  const code = await stack.attach(["up", "--detach"], tools.stop);
  if (code !== 0) throw composeFailed("start the stack", "");
  await untilHealthy({ ...tools, stack });
}
