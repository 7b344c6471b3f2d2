/** Creates jobs whose configuration controls the stand-in agent (tools/stand_in/agent.sh). */

import type { Job } from "../../../lib/contract/job.ts";
import type { Run } from "../../../lib/contract/run.ts";
import type { Scene } from "../../harness/scene/scene.ts";
import { stampOf } from "../../harness/scene/stamps.ts";

/** Creates a DataHealth job. `settings` are the lines of its file, such as `standin.seconds=2`. */
export async function healthJob(
  { rest, host }: Pick<Scene, "rest" | "host">,
  settings: readonly string[],
  { limitSeconds = 600 }: { readonly limitSeconds?: number } = {},
): Promise<Job> {
  const file_name = `${crypto.randomUUID()}.properties`;
  await host.configure("datahealth", file_name, `${settings.join("\n")}\n`);
  return await rest.createJob({
    name: file_name,
    host_id: host.hostId,
    agent_type: "datahealth",
    parameters: { file_name },
    run_limit_seconds: limitSeconds,
  });
}

/** Creates a job of a connector type, with a configuration file for each connector. */
export async function connectorJob(
  { rest, host }: Scene,
  agent_type: "lineage" | "external-monitors",
  connectors: Readonly<Record<string, readonly string[]>>,
): Promise<Job> {
  for (const [name, settings] of Object.entries(connectors)) {
    await host.configure(agent_type, `${name}.properties`, `${settings.join("\n")}\n`);
  }
  return await rest.createJob({
    name: `${agent_type} ${Object.keys(connectors).join(" ")}`,
    host_id: host.hostId,
    agent_type,
    parameters: { connectors: Object.keys(connectors) },
  });
}

/** Triggers a job and waits until its container has started. */
export async function startedRun(scene: Scene, { id }: Job): Promise<Run> {
  const run = await scene.rest.trigger(id);
  await stampOf(scene, run.id, "first_instruction");
  return run;
}

/** Returns how a run ended, without the values that differ from run to run. */
export function ending(
  { status, reason, message, exit_code }: Run,
): Pick<Run, "status" | "reason" | "message" | "exit_code"> {
  return { status, reason, message, exit_code };
}

export const SUCCEEDED = {
  status: "succeeded",
  reason: null,
  message: null,
  exit_code: 0,
} as const;
