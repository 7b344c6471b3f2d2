/** Serves the control plane's REST and pages on a real SQLite file and port, as `serve` does. */

import { BlockList } from "node:net";
import { createHandler } from "../../../control_plane/commands/handler.ts";
import { newApiKey } from "../../../control_plane/http/authentication.ts";
import { MACHINE } from "../../../control_plane/store/audit.ts";
import { openStore, type Store } from "../../../control_plane/store/mod.ts";
import type { AgentType } from "../../../lib/contract/agent_types.ts";
import type { HostReport } from "../../../lib/contract/host.ts";
import type { Job } from "../../../lib/contract/job.ts";
import type { PhaseStamp, RunOutcome } from "../../../lib/contract/run.ts";
import type { HttpHandler } from "../../../lib/ports.ts";
import { systemClock } from "../../../lib/system/process.ts";
import { exists } from "../../../tools/setup/cache.ts";
import { LINEAGE_JOB } from "../../fakes/control_plane/plane.ts";
import { heartbeat, registration } from "../../fakes/control_plane/registration.ts";

export interface ServedPlane extends AsyncDisposable {
  /** Address without a final slash. */
  readonly url: string;
  readonly store: Store;
  readonly keys: { readonly admin: string; readonly member: string };
  /** Reads the plane's clock. */
  now(): Date;
  /** Runs `work` with the clock set back by so many minutes. */
  earlier<T>(minutes: number, work: () => Promise<T>): Promise<T>;
  /** Registers a host and sends its first heartbeat. */
  addHost(hostId: string, managed_agents?: readonly AgentType[]): Promise<void>;
  heartbeat(hostId: string, report?: Partial<HostReport>, engineVersion?: string): Promise<void>;
  addJob(fields?: Readonly<Record<string, unknown>>): Promise<Job>;
}

const ORCHESTRATOR = "/api/v1/agent-orchestrator";

export interface ServedOptions {
  readonly proxies?: BlockList | undefined;
  /** Folder of data and keys, which stay; by default a temporary one. */
  readonly folder?: string;
  /** Default: a free port. */
  readonly port?: number;
  /** Wraps the handler. */
  readonly around?: (handler: HttpHandler) => HttpHandler;
}

export async function servedPlane(options: ServedOptions = {}): Promise<ServedPlane> {
  const { proxies = new BlockList(), port = 0, around = (handler) => handler } = options;
  const folder = options.folder ?? await Deno.makeTempDir();
  let behindMs = 0;
  const now = () => new Date(Date.now() - behindMs);
  const clock = { ...systemClock, now };
  const store = await openStore(`${folder}/plane.sqlite`, clock);
  const keys = await keysIn(`${folder}/keys.json`, store);
  const handler = around(createHandler({
    store,
    clock,
    log: () => {},
    dispatch: { wake: () => {} },
    account: { publicPem: "" },
    temporal: { address: "temporal.test:7233", namespace: "default" },
    hostCredentials: () => Promise.resolve({}),
  }, proxies));
  const closing = new AbortController();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port, onListen: () => {}, signal: closing.signal },
    (request, { remoteAddr }) => handler(request, remoteAddr.hostname),
  );
  const url = `http://127.0.0.1:${server.addr.port}`;

  async function post(path: string, body: unknown, more: Readonly<Record<string, string>> = {}) {
    const response = await fetch(`${url}${ORCHESTRATOR}${path}`, {
      method: "POST",
      headers: {
        authorization: `apikey ${keys.admin}`,
        "content-type": "application/json",
        ...more,
      },
      body: JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(JSON.stringify(answer));
    return answer;
  }

  const beat = async (
    hostId: string,
    report: Partial<HostReport> = {},
    engineVersion = "Docker 27.3.1",
  ) => {
    const seen = { diskFreeBytes: 182_000_000_000, clockSkewMs: 0, ...report };
    const fields = { orchestratorVersion: "1.4.0", engineVersion };
    const { headers, body } = heartbeat(hostId, seen, fields);
    await post("/heartbeat", body, headers);
  };

  return {
    url,
    store,
    keys,
    now,
    async earlier(minutes, work) {
      behindMs = minutes * 60_000;
      try {
        return await work();
      } finally {
        behindMs = 0;
      }
    },
    heartbeat: beat,
    async addHost(host_id, managed_agents = ["lineage", "datahealth", "external-monitors"]) {
      const { headers, body } = registration({ host_id, managed_agents, version: "1.4.0" });
      await post("/register", body, headers);
      await beat(host_id);
    },
    addJob: (fields = {}) => post("/jobs", { ...LINEAGE_JOB, ...fields }),
    async [Symbol.asyncDispose]() {
      // A graceful shutdown would wait for open streams of changes.
      closing.abort();
      await server.finished;
      await store[Symbol.asyncDispose]();
      if (options.folder === undefined) await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Reads the keys from the file, or creates users and writes their keys to it. */
async function keysIn(file: string, store: Store): Promise<ServedPlane["keys"]> {
  if (await exists(file)) return JSON.parse(await Deno.readTextFile(file));
  const keys = {
    admin: await userKey(store, { role: "admin", name: "Ada" }),
    member: await userKey(store, { role: "member", name: "Max" }),
  };
  await Deno.writeTextFile(file, JSON.stringify(keys));
  return keys;
}

async function userKey(
  store: Store,
  user: { readonly role: "admin" | "member"; readonly name: string },
): Promise<string> {
  const { key, hash } = newApiKey("personal");
  await store.users.add({ ...user, keyHash: hash }, MACHINE);
  return key.reveal();
}

const at = (plane: ServedPlane, secondsAgo: number): string =>
  new Date(plane.now().getTime() - secondsAgo * 1000).toISOString();

/** Reports for the run's host that the container runs. */
export async function reportRunning(plane: ServedPlane, runId: string): Promise<void> {
  await plane.store.outbox.claim([runId]);
  const phases: PhaseStamp[] = [
    { phase: "accepted", at: at(plane, 3) },
    { phase: "pulling", at: at(plane, 2.5) },
    { phase: "starting", at: at(plane, 1) },
    { phase: "running", at: at(plane, 0.5) },
  ];
  await plane.store.outbox.recordPhases(runId, phases);
}

export async function reportEnd(
  plane: ServedPlane,
  runId: string,
  outcome: Partial<RunOutcome> = {},
): Promise<void> {
  await plane.store.outbox.recordOutcome(runId, {
    status: "succeeded",
    exit_code: 0,
    phases: [],
    ended_at: at(plane, 0),
    ...outcome,
  });
}
