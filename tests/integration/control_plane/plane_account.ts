/** Registers a host at a control plane in a separate process, creates jobs and triggers runs. */

import { parse } from "valibot";
import { type RegisterAnswer, RegisterAnswerSchema } from "../../../lib/contract/host.ts";
import type { Run } from "../../../lib/contract/run.ts";
import { publicPemOf } from "../../../lib/crypto/keys.ts";
import type { TemporalServer } from "../../../lib/temporal/connection.ts";
import { COMPANY } from "../../fakes/keys/key_pairs.ts";
import { INSTALLATION, ORCHESTRATOR } from "../../fakes/control_plane/plane.ts";
import type { Script } from "../../harness/temporal/fake_host.ts";
import type { Keys } from "../../harness/temporal/plane.ts";
import { waitFor } from "../../harness/time/wait.ts";
import type { PlaneProcess } from "./plane_process.ts";

export const HOST = "h-1";

export interface Registered extends Keys {
  /** The address and the credentials that the host got. */
  readonly temporal: TemporalServer;
}

/** Registers the account's key and a host. */
export async function register(plane: PlaneProcess, data: string): Promise<Registered> {
  const privatePem = await Deno.readTextFile(`${data}/bigeye.private.pem`);
  const company = COMPANY;
  const publicKey = { publicKey: company.publicPem };
  await plane.call("PUT", "/api/v1/agent/public-key", { body: publicKey });
  const managed_agents = ["datahealth"];
  const body = { host_id: HOST, installation_id: INSTALLATION, managed_agents, version: "1" };
  const answer = parse(
    RegisterAnswerSchema,
    await plane.call("POST", `${ORCHESTRATOR}/register`, { body }),
  );
  const bigeye = { privatePem, publicPem: await publicPemOf(privatePem) };
  return { bigeye, company, temporal: serverIn(answer, company.privatePem) };
}

function serverIn(
  { temporal, client_certificate, ca_certificate }: RegisterAnswer,
  privatePem: string,
): TemporalServer {
  const { address, server_name: serverName } = temporal;
  if (!serverName || !client_certificate || !ca_certificate) return { address };
  const client = { certificatePem: client_certificate, privatePem };
  return { address, tls: { serverName, caPem: ca_certificate, client } };
}

/** Creates a job. Returns its id. */
export async function newJob(plane: PlaneProcess, script: Script): Promise<string> {
  const body = {
    name: script,
    host_id: HOST,
    agent_type: "datahealth",
    parameters: { file_name: script },
    run_limit_seconds: 600,
  };
  return (await plane.call("POST", `${ORCHESTRATOR}/jobs`, { body }) as { id: string }).id;
}

/** Creates a job and triggers it. Returns the run's id. */
export async function triggered(plane: PlaneProcess, script: Script): Promise<string> {
  const id = await newJob(plane, script);
  return (await plane.call("POST", `${ORCHESTRATOR}/jobs/${id}/runs`) as Run).id;
}

/** Polls every half second until the run has ended. */
export async function endOf(
  plane: PlaneProcess,
  runId: string,
): Promise<Pick<Run, "status" | "reason">> {
  let run: Run | undefined;
  return await waitFor(async () => {
    run = await plane.call("GET", `${ORCHESTRATOR}/runs/${runId}`) as Run;
    return run.ended_at === null ? undefined : { status: run.status, reason: run.reason };
  }, {
    what: `run ${runId} to end`,
    intervalMs: 500,
    explain: () => Promise.resolve(JSON.stringify(run)),
  });
}
