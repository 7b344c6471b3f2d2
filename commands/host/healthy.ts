/** Waits until the stack is healthy, because a started container may crash in a loop. */

import { type ComposeStack, parseServices, type ServiceState } from "../../lib/docker/compose.ts";
import type { Problem } from "../../lib/problems/problem.ts";
import { composeFailed, stackUnhealthy } from "../../lib/problems/compose.ts";
import { ORCHESTRATOR_SERVICE, PROXY_SERVICE } from "../../templates/stack.ts";
import type { Tools } from "../context.ts";

const HEALTHY_WITHIN_MS = 120_000;
const POLL_MS = 1_000;
const SERVICES = [PROXY_SERVICE, ORCHESTRATOR_SERVICE];

export interface WaitNeeds extends Pick<Tools, "clock" | "stop" | "terminal"> {
  readonly stack: ComposeStack;
}

/** The awaited value, or clauses for the operator that say what is missing. */
export type Seen<T> = { readonly missing: readonly string[] } | { readonly found: T };

/** Waits until both services are healthy. @throws `stack_unhealthy` with their last output. */
export async function untilHealthy(needs: WaitNeeds): Promise<void> {
  await untilFound(needs, (services) => {
    const missing = troubles(services, ["healthy"]);
    return Promise.resolve(missing.length === 0 ? { found: undefined } : { missing });
  });
}

/** Polls the services every second until `look` finds its value. Notes each new thing that is missing. @throws `stack_unhealthy` after 120 s. */
export async function untilFound<T>(
  needs: WaitNeeds,
  look: (services: readonly ServiceState[]) => Promise<Seen<T>>,
): Promise<T> {
  const { clock, stop, terminal } = needs;
  const end = clock.monotonic() + HEALTHY_WITHIN_MS;
  const noted = new Set<string>();
  while (true) {
    const services = await servicesOf(needs);
    const seen = await look(services);
    if ("found" in seen) return seen.found;
    if (clock.monotonic() >= end) throw await unhealthy(seen.missing, services, needs);
    const line = `      waiting: ${seen.missing.join(", ")}`;
    if (!noted.has(line)) terminal.note(line);
    noted.add(line);
    await clock.sleep(POLL_MS, stop);
  }
}

/** Returns a clause for each service that does not run or whose health is not in `healths`. */
export function troubles(
  services: readonly ServiceState[],
  healths: readonly string[],
): readonly string[] {
  return SERVICES.flatMap((name) => {
    const found = services.find(({ service }) => service === name);
    if (!found) return [`${name} does not exist`];
    const { state, health, status } = found;
    if (state === "running") return healths.includes(health) ? [] : [`${name} is ${health}`];
    const [, code] = /\((\d+)\)/.exec(status) ?? [];
    return [`${name} is ${state}${code === undefined ? "" : `, exit code ${code}`}`];
  });
}

async function servicesOf({ stack, stop }: WaitNeeds): Promise<readonly ServiceState[]> {
  const { code, stdout, stderr } = await stack.run(["ps", "--all", "--format", "json"], stop);
  if (code !== 0) throw composeFailed("read the state of the stack", stderr);
  return parseServices(stdout);
}

async function unhealthy(
  missing: readonly string[],
  services: readonly ServiceState[],
  { stack, stop }: WaitNeeds,
): Promise<Problem> {
  const named = SERVICES.filter((name) =>
    services.some(({ service, health }) => service === name && health !== "healthy")
  );
  const logs = ["logs", "--no-color", "--tail", "10"];
  const { stdout, stderr } = await stack.run([...logs, ...named], stop);
  return stackUnhealthy(HEALTHY_WITHIN_MS / 1_000, { missing, log: `${stdout}\n${stderr}` });
}
