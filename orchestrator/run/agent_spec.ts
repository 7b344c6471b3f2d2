/** Run order + host settings → body of the container create call. Pure, so that a test compares it whole. */

import { createHash } from "node:crypto";
import type { AgentTask, BatchAgentType } from "../../lib/contract/agent_types.ts";
import { CONFIG_MOUNT, LABELS, RUN_MOUNT } from "../../lib/contract/container.ts";
import type { RunOrder } from "../../lib/contract/dispatch.ts";
import type { Identity } from "../../lib/ports.ts";
import { runFolder } from "./journal.ts";

/** What all containers of this host have in common. */
export interface HostSettings {
  /** The host folder. Its path must be the same here and for the engine, which resolves mounts. */
  readonly folder: string;
  readonly hostId: string;
  readonly installationId: string;
  /** The compose project's default network. The agents join it by name. */
  readonly network: string;
  /** The agents run as the orchestrator's user, so that files on the host have one owner. */
  readonly identity: Identity;
  /** Whether the engine has an init process that reaps the agent's orphans. */
  readonly init: boolean;
  readonly images: Readonly<Record<BatchAgentType, string>>;
  /** Memory limits in bytes that differ from the type's default. */
  readonly memoryBytes?: Readonly<Partial<Record<BatchAgentType, number>>>;
}

const GIB = 1024 ** 3;

/** Lineage Plus needs a host with 25 GB (its installation page). The other limits are our choice. */
const MEMORY_BYTES: Readonly<Record<BatchAgentType, number>> = {
  lineage: 24 * GIB,
  datahealth: 8 * GIB,
  "external-monitors": 8 * GIB,
};
/** Enough for a JVM with its threads, and low enough to stop a fork bomb. */
const PIDS_LIMIT = 4096;

/** The fields of `ContainerCreate` (Engine API) that an agent needs. It gets no environment. */
export interface ContainerBody {
  readonly Image: string;
  readonly Cmd: readonly string[];
  readonly User: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly HostConfig: {
    readonly NetworkMode: string;
    readonly Mounts: readonly {
      readonly Type: "bind";
      readonly Source: string;
      readonly Target: string;
      readonly ReadOnly: boolean;
    }[];
    readonly CapDrop: readonly ["ALL"];
    readonly SecurityOpt: readonly ["no-new-privileges"];
    readonly Memory: number;
    readonly MemorySwap: number;
    readonly PidsLimit: number;
    readonly LogConfig: {
      readonly Type: "json-file";
      readonly Config: Readonly<Record<"max-size" | "max-file", string>>;
    };
    readonly RestartPolicy: { readonly Name: "no" };
    readonly AutoRemove: false;
    readonly Init: boolean;
  };
}

/** The body, with the SHA-256 of its canonical JSON as the `spec` label. */
export function agentSpec(order: RunOrder, host: HostSettings): ContainerBody {
  const body = unlabeledSpec(order, host);
  const spec = createHash("sha256").update(canonicalJson(body)).digest("hex");
  return { ...body, Labels: { ...body.Labels, [LABELS.spec]: spec } };
}

function unlabeledSpec(order: RunOrder, host: HostSettings): ContainerBody {
  const type = order.task.agent_type;
  const memory = host.memoryBytes?.[type] ?? MEMORY_BYTES[type];
  return {
    Image: host.images[type],
    Cmd: agentCommand(order.task),
    User: `${host.identity.uid}:${host.identity.gid}`,
    Labels: {
      [LABELS.installation]: host.installationId,
      [LABELS.host]: host.hostId,
      [LABELS.run]: order.run_id,
      [LABELS.job]: order.job_id,
      [LABELS.type]: type,
    },
    HostConfig: {
      NetworkMode: host.network,
      // Mounts and not Binds: with Binds the engine creates a missing folder, owned by root.
      Mounts: [
        mount(`${host.folder}/agents/${type}`, CONFIG_MOUNT, { readOnly: true }),
        mount(runFolder(host.folder, order.run_id).files, RUN_MOUNT, { readOnly: false }),
      ],
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      Memory: memory,
      MemorySwap: memory, // the same value as Memory means no swap
      PidsLimit: PIDS_LIMIT,
      LogConfig: { Type: "json-file", Config: { "max-size": "10m", "max-file": "3" } },
      RestartPolicy: { Name: "no" },
      AutoRemove: false, // an orchestrator that was down must still find the exit
      Init: host.init,
    },
  };
}

function mount(
  Source: string,
  Target: string,
  { readOnly }: { readonly readOnly: boolean },
): ContainerBody["HostConfig"]["Mounts"][number] {
  return { Type: "bind", Source, Target, ReadOnly: readOnly };
}

/** The arguments of the agent: the `run` options of its type's command group. */
export function agentCommand({ agent_type, parameters }: AgentTask): readonly string[] {
  if (agent_type === "datahealth") {
    const { file_name, command } = parameters;
    return [agent_type, "run", "--file-name", file_name, ...option("--command", command)];
  }
  const connectors = parameters.connectors.flatMap((type) => ["-c", type]);
  return [agent_type, "run", ...connectors, ...option("-n", parameters.connection_name)];
}

function option(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [name, value];
}

/** JSON with sorted keys, so that equal values have equal texts. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, held: unknown) => {
    if (held === null || typeof held !== "object" || Array.isArray(held)) return held;
    return Object.fromEntries(Object.entries(held).toSorted(([a], [b]) => a < b ? -1 : 1));
  });
}
