/** `bigeye-agent compose status`: shows the state of the orchestrator and the socket proxy. */

import { tableLines } from "../../lib/cli/table.ts";
import { parseServices, type ServiceState } from "../../lib/docker/compose.ts";
import { composeFailed } from "../../lib/problems/compose.ts";
import { ORCHESTRATOR_SERVICE, PROXY_SERVICE } from "../../templates/stack.ts";
import type { Tools } from "../context.ts";
import { readEnabledStack } from "../host/registered.ts";

export interface StatusFlags {
  readonly json: boolean;
}

type Needs = Pick<Tools, "exec" | "files" | "folder" | "stop" | "terminal">;

export async function composeStatus({ json }: StatusFlags, tools: Needs): Promise<void> {
  const { stop, terminal } = tools;
  const { stack, hostId } = await readEnabledStack(tools);
  const { code, stdout, stderr } = await stack.run(["ps", "--all", "--format", "json"], stop);
  if (code !== 0) throw composeFailed("read the state of the stack", stderr);
  const services = withAbsent(parseServices(stdout));
  if (json) return terminal.say(JSON.stringify({ host_id: hostId, services }, null, 2));
  const rows = services.map(({ service, state, health, status, image }) => [
    service,
    state,
    health || "-",
    status || "-",
    image || "-",
  ]);
  for (const line of tableLines(["SERVICE", "STATE", "HEALTH", "STATUS", "IMAGE"], rows)) {
    terminal.say(line);
  }
}

/** Adds the services that Docker does not list because they were never started. */
function withAbsent(services: readonly ServiceState[]): readonly ServiceState[] {
  const absent = [ORCHESTRATOR_SERVICE, PROXY_SERVICE]
    .filter((name) => services.every(({ service }) => service !== name))
    .map((service) => ({ service, state: "absent", health: "", image: "", status: "" }));
  return [...services, ...absent].toSorted((a, b) => a.service.localeCompare(b.service));
}
