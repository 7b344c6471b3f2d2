/** `bigeye-agent compose logs`: shows the logs of one service or of both. */

import { nearest } from "../../lib/cli/nearest.ts";
import { composeFailed, serviceUnknown } from "../../lib/problems/compose.ts";
import { ORCHESTRATOR_SERVICE, PROXY_SERVICE } from "../../templates/stack.ts";
import type { Tools } from "../context.ts";
import { readEnabledStack } from "../host/registered.ts";

export interface LogsFlags {
  readonly service?: string;
  readonly follow: boolean;
  readonly tail?: number;
}

type Needs = Pick<Tools, "exec" | "files" | "folder" | "stop" | "terminal">;

/** All services: the boundary's check refuses a file with a third one. */
const SERVICES = [ORCHESTRATOR_SERVICE, PROXY_SERVICE];

export async function composeLogs(flags: LogsFlags, tools: Needs): Promise<void> {
  const { stop, terminal } = tools;
  const { stack } = await readEnabledStack(tools);
  const args = logsArguments(flags);
  if (flags.follow) {
    if (await stack.attach(args, stop) !== 0) throw composeFailed("follow the logs", "");
    return;
  }
  const { code, stdout, stderr } = await stack.run(args, stop);
  if (code !== 0) throw composeFailed("show the logs", stderr);
  const text = stdout.replace(/\n$/, "");
  if (text !== "") terminal.say(text);
}

function logsArguments({ service, follow, tail }: LogsFlags): readonly string[] {
  if (service !== undefined && !SERVICES.includes(service)) {
    throw serviceUnknown(service, {
      services: SERVICES,
      suggestion: nearest(service, SERVICES),
    });
  }
  return [
    "logs",
    ...(follow ? ["--follow"] : []),
    ...(tail === undefined ? [] : ["--tail", String(tail)]),
    ...(service === undefined ? [] : [service]),
  ];
}
