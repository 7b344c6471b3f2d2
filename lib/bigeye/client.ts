/** The client of Bigeye's REST interface, with the calls that a host makes. */

import { type Call, call, type Caller, callFor } from "./call.ts";
import {
  type HeartbeatBody,
  type Host,
  HostListSchema,
  type RegisterAnswer,
  RegisterAnswerSchema,
  type RegisterBody,
  type RenewedCertificate,
  RenewedCertificateSchema,
} from "../contract/host.ts";
import { API, ORCHESTRATOR_API, PublicKeySchema } from "../contract/rest.ts";
import { type Me, MeSchema } from "../contract/users.ts";
import { type Run, RunPageSchema } from "../contract/run.ts";
import { Problem, type ProblemDetail } from "../problems/problem.ts";
import { hostTakenOver } from "../problems/host.ts";
import { publicKeyAlreadySet } from "../problems/keys.ts";
import { hostAlreadyRegistered, hostHasActiveRuns } from "../problems/records.ts";

/** Each call throws a Problem if it fails, and on abort the signal's reason. */
export interface Bigeye {
  /** Resolves if the key is a Personal API Key that Bigeye accepts; otherwise throws. */
  verifyPersonalKey(signal?: AbortSignal): Promise<void>;
  /** Resolves if the key is an Agent API Key that Bigeye accepts; otherwise throws. */
  verifyAgentKey(signal?: AbortSignal): Promise<void>;
  /** Returns the owner of the Personal API Key. */
  me(signal?: AbortSignal): Promise<Me>;
  hosts(signal?: AbortSignal): Promise<readonly Host[]>;
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
  /** Returns Bigeye's own public key, PEM. */
  bigeyePublicKey(signal?: AbortSignal): Promise<string>;
  /** Returns the sorted ids of a host's queued and running runs, at most the newest 50 of each. */
  activeRuns(hostId: string, signal?: AbortSignal): Promise<readonly string[]>;
  /**
   * Registers the host.
   * @throws `host_already_registered` if another installation owns the id; `host_has_active_runs` if it is to
   * be replaced while its runs are active
   */
  register(body: RegisterBody, signal?: AbortSignal): Promise<RegisterAnswer>;
  /**
   * Sends a heartbeat.
   * @throws `host_taken_over` if another installation owns the id now
   */
  heartbeat(hostId: string, body: HeartbeatBody, signal?: AbortSignal): Promise<void>;
  /** Sends a heartbeat that asks for the host's next certificate for Temporal; returns it with its authority. */
  renewCertificate(
    hostId: string,
    body: HeartbeatBody,
    signal?: AbortSignal,
  ): Promise<RenewedCertificate>;
}

/** Makes a client with the address and the key of `caller`. */
export function bigeyeClient(caller: Caller): Bigeye {
  const publicKeyAt = async (path: string, doing: string, signal?: AbortSignal) => {
    const request: Call = { method: "GET", path: `${API}/agent/${path}`, doing, signal };
    return (await callFor(caller, PublicKeySchema, request)).publicKey;
  };
  return {
    verifyPersonalKey: (signal) => verify(caller, "personal-api-keys", signal),
    verifyAgentKey: (signal) => verify(caller, "agent-api-keys", signal),
    me: (signal) =>
      callFor(caller, MeSchema, {
        method: "GET",
        path: `${API}/users/me`,
        doing: "ask Bigeye whose key this is",
        signal,
      }),
    async hosts(signal) {
      const doing = "list the hosts of the account";
      const path = `${ORCHESTRATOR_API}/hosts`;
      const found: Host[] = [];
      for (let query = "";;) {
        const request: Call = { method: "GET", path: `${path}${query}`, doing, signal };
        const { hosts, next_cursor } = await callFor(caller, HostListSchema, request);
        found.push(...hosts);
        if (next_cursor === null || hosts.length === 0) return found;
        query = `?cursor=${encodeURIComponent(next_cursor)}`;
      }
    },
    async publicKey(signal) {
      try {
        return await publicKeyAt("public-key", "read the account's public key", signal) ||
          undefined;
      } catch (error) {
        if (error instanceof Problem && error.status === 404) return undefined;
        throw error;
      }
    },
    async setPublicKey(publicKey, { isFirst, signal }) {
      await callFor(caller, PublicKeySchema, {
        method: "PUT",
        path: `${API}/agent/public-key`,
        body: { publicKey },
        ...(isFirst ? { conditions: { "if-none-match": "*" } } : {}),
        doing: "register the account's public key",
        signal,
        refusals: { public_key_already_set: publicKeyAlreadySet },
      });
    },
    bigeyePublicKey: (signal) =>
      publicKeyAt("public-key/bigeye", "download Bigeye's public key", signal),
    async activeRuns(hostId, signal) {
      const idsOf = async (status: Run["status"]) => {
        const path = `${ORCHESTRATOR_API}/runs?host=${hostId}&status=${status}`;
        const doing = `list the runs of host "${hostId}"`;
        const { runs } = await callFor(caller, RunPageSchema, {
          method: "GET",
          path,
          doing,
          signal,
        });
        return runs.map(({ id }) => id);
      };
      return [...await idsOf("queued"), ...await idsOf("running")].toSorted();
    },
    register: (body, signal) => register(caller, body, signal),
    async heartbeat(hostId, body, signal) {
      await call(caller, { ...heartbeatOf(hostId, body), doing: "send a heartbeat", signal });
    },
    renewCertificate: (hostId, body, signal) =>
      callFor(caller, RenewedCertificateSchema, {
        ...heartbeatOf(hostId, { ...body, renew_certificate: true }),
        doing: "renew the host's certificate",
        signal,
      }),
  };
}

function heartbeatOf(
  hostId: string,
  body: HeartbeatBody,
): Pick<Call, "method" | "path" | "body" | "refusals"> {
  return {
    method: "POST",
    path: `${ORCHESTRATOR_API}/hosts/${hostId}/heartbeat`,
    body,
    refusals: { host_owned_elsewhere: () => hostTakenOver(hostId) },
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

async function register(
  caller: Caller,
  body: RegisterBody,
  signal?: AbortSignal,
): Promise<RegisterAnswer> {
  try {
    return await callFor(caller, RegisterAnswerSchema, {
      method: "POST",
      path: `${ORCHESTRATOR_API}/register`,
      body,
      doing: `register host "${body.host_id}"`,
      signal,
      refusals: {
        host_has_active_runs: (details) => hostHasActiveRuns(body.host_id, runIdsOf(details)),
      },
    });
  } catch (error) {
    // The message of this conflict is documented, and its code is not.
    const isTaken = error instanceof Problem && error.code === "bigeye_refused" &&
      error.status === 409;
    throw isTaken ? hostAlreadyRegistered(body.host_id) : error;
  }
}

function runIdsOf(details: readonly ProblemDetail[]): readonly string[] {
  return details.filter(({ path }) => path === "run_id").map(({ message }) => message);
}
