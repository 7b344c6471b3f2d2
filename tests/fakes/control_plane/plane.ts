/** The control plane's REST interface with a real store in memory and a key of each kind. */

import { newApiKey } from "../../../control_plane/http/authentication.ts";
import { createApi } from "../../../control_plane/api/mod.ts";
import { MACHINE, type Store } from "../../../control_plane/store/mod.ts";
import type { AgentType } from "../../../lib/contract/agent_types.ts";
import type { ErrorBody } from "../../../lib/contract/rest.ts";
import type { Job } from "../../../lib/contract/job.ts";
import type { Run } from "../../../lib/contract/run.ts";
import type { Clock, LogLevel } from "../../../lib/ports.ts";
import { companyKeyMissing } from "../../../lib/problems/keys.ts";
import { testStore } from "../../harness/databases/test_store.ts";
import { type ManualClock, manualClock } from "../system/clock.ts";
import { registration } from "./registration.ts";
import { requireDocumented } from "./documented.ts";

export type Key = "admin" | "member" | "agent" | "integration" | "none";

export interface CallOptions {
  /** The key that is sent; the admin's by default. */
  readonly as?: Key;
  /** A string is sent unchanged, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answered {
  readonly status: number;
  // The tests assert the shape.
  // deno-lint-ignore no-explicit-any
  readonly body: any;
  readonly headers: Headers;
}

export interface TestPlane extends AsyncDisposable {
  readonly store: Store;
  readonly clock: ManualClock;
  readonly keys: Readonly<Record<Key, string>>;
  /** Sends a request to the interface. */
  fetch(request: Request): Promise<Response>;
  /** The warnings and errors in the log. */
  readonly complaints: readonly string[];
  /** Number of times that the dispatcher was woken. */
  wakes(): number;
  call(method: string, path: string, options?: CallOptions): Promise<Answered>;
  /** Registers a host with the given agent types. */
  addHost(hostId: string, managed_agents?: readonly AgentType[]): Promise<void>;
  addJob(fields?: Readonly<Record<string, unknown>>): Promise<Job>;
  trigger(jobId: string): Promise<Run>;
}

const WORRYING: ReadonlySet<LogLevel> = new Set<LogLevel>(["warn", "error"]);

export const API = "/api/v1";
export const ORCHESTRATOR = "/api/v1/agent-orchestrator";
/** The address that all calls come from. */
export const PEER = "192.0.2.7";
/** The TLS credentials of hosts whose id begins with "tls-". For ids with "early-" the company key is missing. */
export const CREDENTIALS = { clientCertificate: "client PEM", caCertificate: "CA PEM" };

export async function testPlane(
  open: (clock: Clock) => Promise<Store> = testStore,
): Promise<TestPlane> {
  const clock = manualClock();
  const store = await open(clock);
  const keys = await keysOf(store);
  const complaints: string[] = [];
  let wakes = 0;
  const app = createApi({
    store,
    clock,
    log: (level, message) => void (WORRYING.has(level) && complaints.push(`${level} ${message}`)),
    dispatch: { wake: () => void wakes++ },
    account: { publicPem: "bigeye's public key" },
    temporal: { address: "temporal.test:7233", namespace: "default" },
    hostCredentials(hostId) {
      if (hostId.startsWith("early-")) return Promise.reject(companyKeyMissing());
      return Promise.resolve(hostId.startsWith("tls-") ? CREDENTIALS : {});
    },
  });

  async function call(method: string, path: string, options: CallOptions = {}): Promise<Answered> {
    const { as = "admin", body, headers = {} } = options;
    const response = await app.request(path, {
      method,
      headers: {
        ...(as === "none" ? {} : { authorization: `apikey ${keys[as]}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : json(body) }),
    }, { remoteAddress: PEER });
    const text = await response.text();
    const answer = text === "" ? undefined : isJson(response) ? JSON.parse(text) : text;
    const { status } = response;
    requireDocumented({ method, path, status, body: answer });
    return { status, body: answer, headers: response.headers };
  }

  async function wanted(status: number, answered: Promise<Answered>) {
    const { body, status: got } = await answered;
    if (got !== status) throw new Error(`${got} instead of ${status}: ${json(body)}`);
    return body;
  }

  return {
    store,
    clock,
    keys,
    complaints,
    call,
    fetch: async (request) => await app.fetch(request),
    wakes: () => wakes,
    async addHost(host_id, managed_agents = ["lineage", "datahealth"]) {
      const claim = registration({ host_id, managed_agents });
      await wanted(200, call("POST", `${ORCHESTRATOR}/register`, claim));
    },
    addJob: (fields = {}) => {
      const body = { ...LINEAGE_JOB, ...fields };
      return wanted(201, call("POST", `${ORCHESTRATOR}/jobs`, { body }));
    },
    trigger: (jobId) => wanted(201, call("POST", `${ORCHESTRATOR}/jobs/${jobId}/runs`)),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

/** The header of a change or deletion of a job in any version. */
export const ANY = { "if-match": "*" };

export const LINEAGE_JOB = {
  name: "nightly",
  host_id: "h-1",
  agent_type: "lineage",
  parameters: { connectors: ["snowflake"] },
  run_limit_seconds: 60,
};

/** Returns the status, the code and the paths of the details of an error response. */
export function refusal({ status, body }: Answered): {
  status: number;
  code: string;
  paths: readonly string[];
} {
  const { code, details }: ErrorBody = body;
  return { status, code, paths: details.flatMap(({ path }) => path ?? []) };
}

async function keysOf({ users, keys }: Store): Promise<Record<Key, string>> {
  const admin = newApiKey("personal");
  const member = newApiKey("personal");
  const agent = newApiKey("agent");
  const integration = newApiKey("integration");
  await users.add({ name: "Ada", role: "admin", keyHash: admin.hash }, MACHINE);
  await users.add({ name: "Max", role: "member", keyHash: member.hash }, MACHINE);
  await keys.add(
    { kind: "agent", name: "a", description: "", hash: agent.hash },
    MACHINE,
  );
  await keys.add(
    { kind: "integration", name: "i", description: "", hash: integration.hash },
    MACHINE,
  );
  return {
    admin: admin.key.reveal(),
    member: member.key.reveal(),
    agent: agent.key.reveal(),
    integration: integration.key.reveal(),
    none: "",
  };
}

const isJson = ({ headers }: Response): boolean =>
  headers.get("content-type")?.split(";")[0] === "application/json";

const json = (value: unknown): string => JSON.stringify(value);
