/** The client of Bigeye's REST interface, with the calls that a host makes. */

import { type Call, call, type Caller, callFor, isNotFound } from "./call.ts";
import { readBigeyeKey, readCompanyKey, setCompanyKey } from "./public_keys.ts";
import { register, type Registered } from "./register.ts";
import type { Registration } from "../contract/host.ts";
import {
  type HeartbeatRequest,
  HeartbeatResponseSchema,
  HostListMessageSchema,
  type HostMessage,
} from "../contract/messages/hosts.ts";
import { API, ORCHESTRATOR_API } from "../contract/rest.ts";
import { type Run, RunPageSchema } from "../contract/run.ts";
import { HEADERS, HEARTBEAT_PATH } from "../contract/unpublished.ts";
import { keyNotAdmin, notBigeye } from "../problems/bigeye.ts";
import { Problem } from "../problems/problem.ts";
import { hostTakenOver } from "../problems/host.ts";

/** The next certificate for Temporal and the authority of Temporal's own, PEM. */
export interface RenewedCertificate {
  readonly clientCertificate: string;
  readonly caCertificate: string;
}

/** Each call throws a Problem if it fails, and on abort the signal's reason. */
export interface Bigeye {
  /** Resolves if the key is a Personal API Key that Bigeye accepts; otherwise throws. */
  verifyPersonalKey(signal?: AbortSignal): Promise<void>;
  /** Resolves if the key is an Agent API Key that Bigeye accepts; otherwise throws. */
  verifyAgentKey(signal?: AbortSignal): Promise<void>;
  /**
   * Resolves if the Personal API Key may list the Agent API Keys, which only admins manage. Bigeye has no
   * call that says whose key it is.
   * @throws `admin_key_required`
   */
  requireAdmin(signal?: AbortSignal): Promise<void>;
  /** Returns all hosts of the account. */
  hosts(signal?: AbortSignal): Promise<readonly HostMessage[]>;
  /** Returns the company's public key that Bigeye holds, PEM; `undefined` if it holds none. */
  publicKey(signal?: AbortSignal): Promise<string | undefined>;
  /**
   * Registers the company's public key.
   * @throws `public_key_already_set`, with `isFirst`, if another host was faster
   */
  setPublicKey(
    pem: string,
    options: { readonly isFirst: boolean; readonly signal?: AbortSignal },
  ): Promise<void>;
  /** Returns Bigeye's own public key, PEM. @throws `not_bigeye` if Bigeye has none. */
  bigeyePublicKey(signal?: AbortSignal): Promise<string>;
  /**
   * Returns the sorted ids of a host's queued and running runs, at most the newest 50 of each; none if
   * Bigeye does not have this call, which is our own.
   */
  activeRuns(hostId: string, signal?: AbortSignal): Promise<readonly string[]>;
  /**
   * Registers the host, or brings its registration up to date.
   * @throws `host_already_registered` if another installation owns the id; `host_has_active_runs` if it is to
   * be replaced while its runs are active
   */
  register(claim: Registration, signal?: AbortSignal): Promise<Registered>;
  /**
   * Sends a heartbeat.
   * @throws `host_taken_over` if another installation owns the id now
   */
  heartbeat(beat: HostBeat, signal?: AbortSignal): Promise<void>;
  /** Sends a heartbeat that asks for the host's next certificate for Temporal. */
  renewCertificate(beat: HostBeat, signal?: AbortSignal): Promise<RenewedCertificate>;
}

/** A heartbeat, and the installation that sends it. */
export interface HostBeat {
  readonly installationId: string;
  readonly body: HeartbeatRequest;
}

/** Makes a client with the address and the key of `caller`. */
export function bigeyeClient(caller: Caller): Bigeye {
  return {
    verifyPersonalKey: (signal) => verify(caller, "personal-api-keys", signal),
    verifyAgentKey: (signal) => verify(caller, "agent-api-keys", signal),
    requireAdmin: (signal) => requireAdmin(caller, signal),
    async hosts(signal) {
      const doing = "list the hosts of the account";
      const path = `${ORCHESTRATOR_API}/hosts`;
      const { hosts } = await callFor(caller, HostListMessageSchema, {
        method: "GET",
        path,
        doing,
        signal,
      });
      return hosts;
    },
    publicKey: (signal) => readCompanyKey(caller, signal),
    setPublicKey: (pem, options) => setCompanyKey(caller, pem, options),
    bigeyePublicKey: (signal) => readBigeyeKey(caller, signal),
    activeRuns: (hostId, signal) => activeRuns(caller, hostId, signal),
    register: (claim, signal) => register(caller, claim, signal),
    async heartbeat(beat, signal) {
      await call(caller, { ...heartbeatOf(beat), doing: "send a heartbeat", signal });
    },
    async renewCertificate({ installationId, body }, signal) {
      const request = heartbeatOf({ installationId, body: { ...body, renewCertificate: true } });
      const { clientCertificate, caCertificate } = await callFor(caller, HeartbeatResponseSchema, {
        ...request,
        doing: "renew the host's certificate",
        signal,
      });
      if (clientCertificate !== undefined && caCertificate !== undefined) {
        return { clientCertificate, caCertificate };
      }
      throw notBigeye(`${caller.url}${request.path}`, "clientCertificate: is missing");
    },
  };
}

/** Accepts 204, which is documented, and 200 with an empty object, which is declared (ApiKeyService). */
async function verify(caller: Caller, resource: string, signal?: AbortSignal): Promise<void> {
  await call(caller, {
    method: "GET",
    path: `${API}/${resource}/verify`,
    doing: `verify the ${caller.keyName}`,
    signal,
  });
}

async function requireAdmin(caller: Caller, signal?: AbortSignal): Promise<void> {
  try {
    await call(caller, {
      method: "GET",
      path: `${API}/agent-api-keys`,
      doing: "ask whether the key is an admin's",
      signal,
    });
  } catch (error) {
    if (error instanceof Problem && error.status === 403) throw keyNotAdmin();
    throw error;
  }
}

async function activeRuns(
  caller: Caller,
  hostId: string,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const idsOf = async (status: Run["status"]) => {
    const path = `${ORCHESTRATOR_API}/runs?host=${hostId}&status=${status}`;
    const doing = `list the runs of host "${hostId}"`;
    const { runs } = await callFor(caller, RunPageSchema, { method: "GET", path, doing, signal });
    return runs.map(({ id }) => id);
  };
  try {
    return [...await idsOf("queued"), ...await idsOf("running")].toSorted();
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

function heartbeatOf(
  { installationId, body }: HostBeat,
): Pick<Call, "method" | "path" | "headers" | "body" | "refusals"> {
  return {
    method: "POST",
    path: HEARTBEAT_PATH,
    headers: { [HEADERS.installation]: installationId },
    body,
    refusals: { host_owned_elsewhere: () => hostTakenOver(body.hostId) },
  };
}
