/** Registers a host at a control plane in a separate process, creates jobs and triggers runs. */

import { parse } from "valibot";
import {
  type RegisterResponse,
  RegisterResponseSchema,
} from "../../../lib/contract/messages/hosts.ts";
import { HEADERS } from "../../../lib/contract/unpublished.ts";
import type { Run } from "../../../lib/contract/run.ts";
import { publicPemOf } from "../../../lib/crypto/keys.ts";
import type { TemporalServer } from "../../../lib/temporal/connection.ts";
import { COMPANY } from "../../fakes/keys/key_pairs.ts";
import { ORCHESTRATOR } from "../../fakes/control_plane/plane.ts";
import { INSTALLATION } from "../../fakes/control_plane/registration.ts";
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
  await plane.call("PUT", "/api/v2/agent/public-key", { body: publicKey });
  const answer = parse(
    RegisterResponseSchema,
    await plane.call("POST", `${ORCHESTRATOR}/register`, {
      headers: { [HEADERS.installation]: INSTALLATION },
      body: {
        hostId: HOST,
        orchestratorVersion: "1",
        managedAgents: ["MANAGED_AGENT_TYPE_DATAHEALTH"],
      },
    }),
  );
  const bigeye = { privatePem, publicPem: await publicPemOf(privatePem) };
  return { bigeye, company, temporal: serverIn(answer, company.privatePem) };
}

function serverIn(
  { temporal, clientCertificate, caCertificate }: RegisterResponse,
  privatePem: string,
): TemporalServer {
  if (!temporal) throw new Error("the control plane does not name Temporal");
  const { address, serverName } = temporal;
  if (!serverName || !clientCertificate || !caCertificate) return { address };
  const client = { certificatePem: clientCertificate, privatePem };
  return { address, tls: { serverName, caPem: caCertificate, client } };
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
