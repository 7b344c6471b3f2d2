/** The call that registers a host, or brings its registration up to date. */

import type * as v from "valibot";
import { type Call, type Caller, callFor } from "./call.ts";
import type { Registration } from "../contract/host.ts";
import {
  type HostMessage,
  managedAgentType,
  type RegisterRequestSchema,
  type RegisterResponse,
  RegisterResponseSchema,
} from "../contract/messages/hosts.ts";
import { ORCHESTRATOR_API } from "../contract/rest.ts";
import { HEADERS } from "../contract/unpublished.ts";
import { bigeyeRefused, notBigeye } from "../problems/bigeye.ts";
import { Problem, type ProblemDetail } from "../problems/problem.ts";
import { hostAlreadyRegistered, hostHasActiveRuns } from "../problems/records.ts";

/** A registered host, and what our own control plane adds to it. */
export interface Registered extends Omit<RegisterResponse, "host" | "errorMessage"> {
  readonly host: HostMessage;
}

/** Returns the body of the call, which has the published fields alone. */
export function registerRequest(
  { host_id, version, managed_agents }: Registration,
): v.InferInput<typeof RegisterRequestSchema> {
  return {
    hostId: host_id,
    orchestratorVersion: version,
    managedAgents: managed_agents.map(managedAgentType),
  };
}

/** Sends the published body; what only our control plane reads is in headers. */
export async function register(
  caller: Caller,
  claim: Registration,
  signal?: AbortSignal,
): Promise<Registered> {
  const { host_id, installation_id, replace } = claim;
  const doing = `register host "${host_id}"`;
  const request: Call = {
    method: "POST",
    path: `${ORCHESTRATOR_API}/register`,
    headers: {
      [HEADERS.installation]: installation_id,
      ...(replace && { [HEADERS.replace]: "true" }),
    },
    body: registerRequest(claim),
    doing,
    signal,
    refusals: {
      host_has_active_runs: (details) => hostHasActiveRuns(host_id, runIdsOf(details)),
    },
  };
  const { host, errorMessage, ...ours } = await callFor(caller, RegisterResponseSchema, request)
    .catch((error: unknown) => {
      // The message of this conflict is documented, and its code is not.
      const isTaken = error instanceof Problem && error.code === "bigeye_refused" &&
        error.status === 409;
      throw isTaken ? hostAlreadyRegistered(host_id) : error;
    });
  if (errorMessage) throw refusedWith(errorMessage, host_id);
  if (!host) throw notBigeye(`${caller.url}${request.path}`, "host: is missing");
  return { ...ours, host };
}

/** A refusal that came with status 200. */
function refusedWith(errorMessage: string, hostId: string): Problem {
  if (/already registered/i.test(errorMessage)) return hostAlreadyRegistered(hostId);
  return bigeyeRefused(`register host "${hostId}"`, 200, [{ message: errorMessage }]);
}

function runIdsOf(details: readonly ProblemDetail[]): readonly string[] {
  return details.filter(({ path }) => path === "run_id").map(({ message }) => message);
}
