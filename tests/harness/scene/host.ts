/** The host of a scene: its folder, registered with the compiled binary as an operator would, and its containers. */

import type { BatchAgentType } from "../../../lib/contract/agent_types.ts";
import { LABELS } from "../../../lib/contract/container.ts";
import { run } from "../../../tools/cli/run.ts";
import type { ControlPlane } from "./control_plane.ts";
import type { Rest } from "./rest.ts";

export interface HostFolder extends AsyncDisposable {
  readonly path: string;
  readonly hostId: string;
  readonly installationId: string;
  /** Runs `bigeye-agent …` in the folder and returns its output. @throws on any exit code but 0. */
  agent(...args: string[]): Promise<string>;
  /** Writes a configuration file of an agent type, readable by its container. */
  configure(type: BatchAgentType, fileName: string, text: string): Promise<void>;
}

export interface HostOptions {
  readonly folder: string;
  readonly binaries: string;
  readonly orchestratorImage: string;
  readonly agentImage: string;
  readonly concurrentRuns?: number;
  readonly plane: ControlPlane;
  readonly rest: Rest;
}

/** The `bigeye_agent.yml` of an operator who uses the three batch agents. */
function agentFile(options: HostOptions): string {
  const agent = (type: BatchAgentType) => `  - type: ${type}\n    image: ${options.agentImage}\n`;
  return `# written by hand; register adds its own keys and touches nothing else
bigeye:
  url: ${options.plane.hostUrl}
agents:
${agent("lineage")}${agent("datahealth")}${agent("external-monitors")}orchestrator:
  image: ${options.orchestratorImage}
  concurrent_runs: ${options.concurrentRuns ?? 4}
`;
}

/** Creates the folder, registers it under a new host id and waits until the stack is healthy. */
export async function makeHostFolder(options: HostOptions): Promise<HostFolder> {
  const path = `${options.folder}/host`;
  const hostId = `host-${crypto.randomUUID().slice(0, 8)}`;
  await Deno.mkdir(path);
  await Deno.writeTextFile(`${path}/bigeye_agent.yml`, agentFile(options));
  const agent = agentIn(path, `${options.binaries}/bigeye-agent`);
  const env = {
    BIGEYE_PERSONAL_API_KEY: options.plane.adminKey,
    BIGEYE_AGENT_API_KEY: await options.rest.createAgentKey(hostId),
  };
  try {
    await agent(["register", "--host-id", hostId], env);
  } catch (error) {
    await removeStack(path, agent);
    throw error;
  }
  return {
    path,
    hostId,
    installationId: await installationOf(path),
    agent: (...args) => agent(args),
    async configure(type, fileName, text) {
      const file = `${path}/agents/${type}/${fileName}`;
      await Deno.writeTextFile(file, text);
      await Deno.chmod(file, 0o644);
    },
    [Symbol.asyncDispose]: () => removeStack(path, agent),
  };
}

type AgentProgram = (args: readonly string[], env?: Record<string, string>) => Promise<string>;

function agentIn(folder: string, program: string): AgentProgram {
  return (args, env) => run([program, ...args], { cwd: folder, ...(env && { env }) });
}

async function installationOf(folder: string): Promise<string> {
  return (await Deno.readTextFile(`${folder}/.bigeye/installation`)).trim();
}

/** Removes the stack, then the agent containers that its orchestrator may have left. */
async function removeStack(folder: string, agent: AgentProgram): Promise<void> {
  const stackExists = await exists(`${folder}/docker-compose.bigeye.yml`);
  if (stackExists) await agent(["compose", "down"]);
  if (!await exists(`${folder}/.bigeye/installation`)) return;
  const filter = `label=${LABELS.installation}=${await installationOf(folder)}`;
  const ids = await run(["docker", "ps", "--all", "--quiet", "--filter", filter]);
  const left = ids.split("\n").filter((id) => id !== "");
  if (left.length > 0) await run(["docker", "rm", "--force", ...left]);
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

export type Service = "bigeye-agent-orchestrator" | "docker-socket-proxy";

/** Returns the container id of a service of the host's stack, running or not. */
export async function serviceContainer(
  { host }: { readonly host: HostFolder },
  service: Service,
): Promise<string> {
  const project = `bigeye-agent-${host.installationId.slice(0, 8)}`;
  const labels = [
    `label=com.docker.compose.project=${project}`,
    `label=com.docker.compose.service=${service}`,
  ];
  const filters = labels.flatMap((label) => ["--filter", label]);
  return (await run(["docker", "ps", "--all", "--quiet", "--no-trunc", ...filters])).trim();
}

/** Returns the process id of a service of the host's stack. */
export async function servicePid(
  stack: { readonly host: HostFolder },
  service: Service,
): Promise<number> {
  const id = await serviceContainer(stack, service);
  return Number(await run(["docker", "inspect", "--format", "{{.State.Pid}}", id]));
}
