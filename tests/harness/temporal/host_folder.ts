/** The folder of a registered host. */

import { composeFile } from "../../../templates/compose.ts";
import { STACK_PLAN } from "../../fakes/host/stack_plan.ts";
import { type Keys, queuedRun } from "./plane.ts";

export interface HostFolderPlan {
  readonly hostId: string;
  /** Compose project name. */
  readonly project: string;
  /** Image of the Lineage Plus agent. */
  readonly image: string;
  /** Address of Temporal. */
  readonly address: string;
  readonly keys: Keys;
}

/** Writes the files of a host for two runs at a time. Its control plane is this project's. */
export async function writeHostFolder(
  folder: string,
  { hostId, project, image, address, keys }: HostFolderPlan,
): Promise<void> {
  const texts = {
    "bigeye_agent.yml": JSON.stringify({
      bigeye: { url: "https://bigeye.test" },
      agents: [{ type: "lineage", image }],
      orchestrator: {
        host_id: hostId,
        host_report: true,
        concurrent_runs: 2,
        temporal: { address, namespace: "default" },
      },
    }),
    "docker-compose.bigeye.yml": composeFile({ ...STACK_PLAN, project, hostFolder: folder }),
    ".bigeye/installation": queuedRun(hostId, "succeeds").installation_id,
    "agent_config/private.pem": keys.company.privatePem,
    "agent_config/public.pem": keys.company.publicPem,
    "agent_config/bigeye.pem": keys.bigeye.publicPem,
    "agent_config/agent_api_key": "key-of-the-host",
    "agents/lineage/x.properties": "",
  };
  for (const [path, text] of Object.entries(texts)) {
    await Deno.mkdir(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${folder}/${path}`, text);
  }
  await Deno.mkdir(`${folder}/agent_runs`);
}
