/** The whole service in a test, with fakes for Temporal, the engine and Bigeye. */

import type { Clock, Fetch, LockFile, LogLevel } from "../../lib/ports.ts";
import type { HostWork } from "../../orchestrator/host/work.ts";
import type { ServeNeeds } from "../../orchestrator/serve.ts";
import type { ConnectOptions, TemporalHost } from "../../orchestrator/host/temporal.ts";
import { composeFile } from "../../templates/compose.ts";
import { fakeEngine } from "../fakes/docker/engine.ts";
import { type EventLog, eventLog } from "../harness/time/event_log.ts";
import { COMPANY } from "../fakes/keys/key_pairs.ts";
import { type MemoryFiles, memoryFiles } from "../fakes/system/memory_files.ts";
import { STACK_PLAN } from "../fakes/host/stack_plan.ts";
import { virtualClock } from "../fakes/system/virtual_clock.ts";
import { MACHINE_STARTED_AT, RUN_ID } from "./world.ts";

const FOLDER = STACK_PLAN.hostFolder;
/** The journal of one run. It does not exist yet. */
export const JOURNAL = `${FOLDER}/agent_runs/${RUN_ID}/run.json`;
export const CONFIG = `
bigeye: {url: https://bigeye.test}
agents: [{type: lineage, image: "fake/lineage:1"}]
orchestrator:
  host_id: host-1
  host_report: true
  temporal: {address: "temporal.test:7233", namespace: default}
`;

const OWNED_ELSEWHERE = {
  code: "host_owned_elsewhere",
  message: "Cannot take a heartbeat",
  error: "Cannot take a heartbeat",
  details: [],
};

export interface Scene {
  readonly composeText?: string;
  /** Whether Bigeye answers a heartbeat that this machine owns the host id. */
  readonly isOurs?: () => boolean;
  readonly clock?: Clock;
  readonly config?: string;
  /** Bigeye's status of a heartbeat that it does not refuse to this machine. */
  readonly beatStatus?: number;
  readonly lockFile?: LockFile;
}

export interface Service {
  readonly needs: ServeNeeds;
  /** The log and the effects, in their order. */
  readonly seen: EventLog["events"];
  readonly until: EventLog["until"];
  /** The calls of Bigeye. */
  readonly asked: readonly string[];
  readonly clock: Clock;
  readonly files: MemoryFiles;
  /** Resolves with what the workers were given. */
  readonly work: Promise<HostWork>;
}

export function makeService(
  {
    composeText = composeFile(STACK_PLAN),
    isOurs = () => true,
    clock = virtualClock(),
    config = CONFIG,
    beatStatus = 204,
    lockFile,
  }: Scene = {},
): Service {
  const files = memoryFiles({
    "/tmp/x": "",
    [`${FOLDER}/bigeye_agent.yml`]: config,
    [`${FOLDER}/docker-compose.bigeye.yml`]: composeText,
    [`${FOLDER}/.bigeye/installation`]: "11111111-1111-4111-8111-111111111111\n",
    [`${FOLDER}/agent_config/private.pem`]: COMPANY.privatePem,
    [`${FOLDER}/agent_config/public.pem`]: COMPANY.publicPem,
    [`${FOLDER}/agent_config/bigeye.pem`]: COMPANY.publicPem,
    [`${FOLDER}/agent_config/agent_api_key`]: "key-of-the-host\n",
    [`${FOLDER}/agent_runs/${RUN_ID}/output.log`]: "",
  });
  const { events: seen, add: note, until } = eventLog();
  const asked: string[] = [];
  const bigeye: Fetch = async (request) => {
    const { report: { draining = false } } = await request.json();
    const who = request.headers.get("authorization");
    asked.push(`${new URL(request.url).pathname} ${who}${draining ? ", draining" : ""}`);
    return isOurs()
      ? new Response(null, { status: beatStatus })
      : Response.json(OWNED_ELSEWHERE, { status: 409 });
  };
  const work = Promise.withResolvers<HostWork>();
  const temporal = (options: ConnectOptions): TemporalHost => ({
    workflows: {
      signalPhases: () => Promise.resolve(),
      isClosed: () => Promise.resolve(false),
    },
    handBack: (token) => {
      note(`handed back ${token}`);
      return Promise.resolve("handed back");
    },
    start: (given) => {
      work.resolve(given);
      note(`workers of ${options.temporal.taskQueue}, ${options.runSlots} slots`);
      return Promise.resolve({
        run: (signal) => clock.sleep(1e9, signal).catch(() => void note("workers drained")),
      });
    },
    reconnect: () => Promise.resolve(),
    close: () => Promise.resolve(void note("connection closed")),
  });
  const needs: ServeNeeds = {
    folder: FOLDER,
    dockerUrl: "http://docker-socket-proxy:2375",
    dockerFetch: fakeEngine(clock).fetch,
    network: () => bigeye,
    connect: (options) => Promise.resolve(temporal(options)),
    healthPath: "/tmp/health.json",
    files,
    clock,
    log: (_: LogLevel, message) => void note(message),
    identity: { uid: 1000, gid: 1000 },
    lockFile: lockFile ??
      (() => Promise.resolve({ [Symbol.dispose]: () => note("folder unlocked") })),
    uptime: () => (clock.now().getTime() - Date.parse(MACHINE_STARTED_AT)) / 1_000,
  };
  return { needs, seen, until, asked, clock, files, work: work.promise };
}
