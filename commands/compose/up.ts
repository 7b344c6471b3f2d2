/** `bigeye-agent compose up`: start the orchestrator and its socket proxy. */

import { composeFailed } from "../../lib/problems/compose.ts";
import type { Tools } from "../context.ts";
import { readEnabledStack } from "../host/registered.ts";

type Needs = Pick<Tools, "exec" | "files" | "folder" | "stop">;

export async function composeUp(
  _flags: Readonly<Record<never, never>>,
  tools: Needs,
): Promise<void> {
  const { stack } = await readEnabledStack(tools);
  const code = await stack.attach(["up", "--detach"], tools.stop);
  if (code !== 0) throw composeFailed("start the stack", "");
}
