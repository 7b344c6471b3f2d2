/** A host with a fake engine, files in memory and virtual time. Its process can die at any of its calls. */

import { anySignal, orAbort } from "../../lib/async/abort.ts";
import type { RunOrder, SignedOrder } from "../../lib/contract/dispatch.ts";
import type { RunOutcome } from "../../lib/contract/run.ts";
import { Engine } from "../../lib/docker/engine.ts";
import { importKey } from "../../lib/crypto/keys.ts";
import type { OrderReader } from "../../lib/crypto/signed_order.ts";
import type { AppendFile, Clock, Files, LogLevel } from "../../lib/ports.ts";
import { ActiveRuns } from "../../orchestrator/run/active_runs.ts";
import type { Attempt } from "../../orchestrator/run/run.ts";
import { Journals } from "../../orchestrator/run/journal.ts";
import type { HostSettings } from "../../orchestrator/run/agent_spec.ts";
import type { RunNeeds } from "../../orchestrator/run/run.ts";
import { runAgentJob } from "../../orchestrator/run/run_job.ts";
import { type FakeEngine, fakeEngine } from "../fakes/docker/engine.ts";
import { BIGEYE } from "../fakes/keys/key_pairs.ts";
import { type MemoryFiles, memoryFiles } from "../fakes/system/memory_files.ts";
import { signedOrder } from "../fakes/host/signed_order.ts";
import { virtualClock } from "../fakes/system/virtual_clock.ts";

export const RUN_ID = "0b0e8a52-6a58-4a4e-9f0e-3a8f0e6c1d11";
export const NAME = `bigeye-run-${RUN_ID}`;
export const FOLDER = "/srv/bigeye";
export const MACHINE_STARTED_AT = "2025-12-31T08:00:00.000Z";
/** The task token of the attempts that {@linkcode newAttempt} makes. */
export const TOKEN = "dG9rZW4=";
export const RUN_FOLDER = `${FOLDER}/agent_runs/${RUN_ID}`;

const signKey = await importKey(BIGEYE.privatePem, "sign");
const publicKey = await importKey(BIGEYE.publicPem, "verify");

export const READER: OrderReader = { publicKey, hostId: "host-1" };

export const HOST: HostSettings = {
  folder: FOLDER,
  hostId: "host-1",
  installationId: "11111111-1111-4111-8111-111111111111",
  network: "bigeye-agent_default",
  identity: { uid: 1000, gid: 1000 },
  init: true,
  images: {
    lineage: "fake/lineage:1",
    datahealth: "fake/datahealth:1",
    "external-monitors": "fake/external-monitors:1",
  },
};

/** An order for a Lineage Plus run. The fake container does what its connectors say. */
export function orderOf(connectors: string[], change: Partial<RunOrder> = {}): RunOrder {
  return {
    run_id: RUN_ID,
    host_id: "host-1",
    installation_id: HOST.installationId,
    job_id: "job-1",
    job_name: "Nightly",
    task: { agent_type: "lineage", parameters: { connectors } },
    run_limit_seconds: 60,
    issued_at: "2026-01-01T00:00:00.000Z",
    expires_at: "2026-01-01T01:00:00.000Z",
    ...change,
  };
}

export const signed = (order: RunOrder): Promise<SignedOrder> => signedOrder(order, signKey);

export class Died extends Error {
  override readonly name = "Died";
}

/** The host and its surroundings, which outlive its processes. */
export interface World {
  readonly clock: Clock;
  readonly engine: FakeEngine;
  readonly files: MemoryFiles;
  /** The phases in each signal that Temporal accepted. */
  readonly signals: string[][];
  workflowClosed: boolean;
  /** Whether Temporal is down: for all runs, or for the run of this id. */
  temporalDown: boolean | string;
  engineDown: boolean;
  /** Starts a process of the host. */
  process(options?: ProcessOptions): HostProcess;
}

/** A process of `serve` with its own memory. */
export interface HostProcess {
  readonly needs: RunNeeds;
  readonly logged: readonly {
    readonly level: LogLevel;
    readonly message: string;
    readonly fields: Record<string, unknown>;
  }[];
  /** Returns the number of calls of its ports so far. */
  calls(): number;
  /** Aborts when it dies. */
  readonly dead: AbortSignal;
}

export function makeWorld(): World {
  const clock = virtualClock();
  const engine = fakeEngine(clock, { images: Object.values(HOST.images) });
  const files = memoryFiles({
    [`${FOLDER}/agents/lineage/x.properties`]: "password=hunter2secret",
  });
  const world: World = {
    clock,
    engine,
    files,
    signals: [],
    workflowClosed: false,
    temporalDown: false,
    engineDown: false,
    process: (options = {}) => makeProcess(world, options),
  };
  return world;
}

export interface ProcessOptions {
  /** Dies at this call of its ports (from 0), before or after the call has had its effect. */
  readonly diesAt?: number;
  readonly moment?: "before" | "after";
}

function makeProcess(
  world: World,
  { diesAt = -1, moment = "before" }: ProcessOptions,
): HostProcess {
  const logged: HostProcess["logged"][number][] = [];
  const dead = new AbortController();
  let calls = 0;

  async function alive<T>(work: () => Promise<T>): Promise<T> {
    dead.signal.throwIfAborted();
    const isLast = calls++ === diesAt;
    if (isLast && moment === "before") dead.abort(new Died());
    dead.signal.throwIfAborted();
    const result = await orAbort(work(), dead.signal);
    if (isLast) dead.abort(new Died());
    dead.signal.throwIfAborted();
    return result;
  }
  const { files: real } = world;
  const files: Files = {
    ...real,
    readText: (path) => alive(() => real.readText(path)),
    readBytes: (...range) => alive(() => real.readBytes(...range)),
    writeText: (path, text) => alive(() => real.writeText(path, text)),
    append: (path) =>
      alive(async (): Promise<AppendFile> => {
        const file = await real.append(path);
        return { write: (bytes) => alive(() => file.write(bytes)), close: () => file.close() };
      }),
  };
  const clock: Clock = {
    ...world.clock,
    sleep: (ms, signal) => {
      return world.clock.sleep(ms, anySignal(signal, dead.signal).signal);
    },
  };
  const fetch = (request: Request) =>
    alive(() => {
      if (world.engineDown) return Promise.reject(new TypeError("connection refused"));
      return world.engine.fetch(request);
    });
  const log = (level: LogLevel, message: string, fields: Record<string, unknown> = {}) =>
    void logged.push({ level, message, fields });
  const needs: RunNeeds = {
    engine: new Engine({ fetch, clock, baseUrl: "http://docker-socket-proxy:2375" }),
    files,
    clock,
    log,
    workflows: {
      signalPhases: (runId, phases) =>
        alive(() => {
          const isDown = world.temporalDown === true || world.temporalDown === runId;
          if (isDown) return Promise.reject(new Error("temporal is down"));
          world.signals.push(phases.map(({ phase }) => phase));
          return Promise.resolve();
        }),
      isClosed: () => alive(() => Promise.resolve(world.workflowClosed)),
    },
    reader: READER,
    host: HOST,
    journals: new Journals({ files, clock, log, folder: FOLDER }),
    active: new ActiveRuns(),
    machineStartedAt: MACHINE_STARTED_AT,
  };
  return { needs, logged, calls: () => calls, dead: dead.signal };
}

export interface TestAttempt extends Attempt {
  readonly cancel: AbortController;
  readonly detach: AbortController;
  readonly beats: () => number;
}

export function newAttempt(): TestAttempt {
  const cancel = new AbortController();
  const detach = new AbortController();
  let beats = 0;
  return {
    cancel,
    detach,
    beats: () => beats,
    heartbeat: () => void beats++,
    signal: cancel.signal,
    shutdown: detach.signal,
    attempt: 1,
    token: TOKEN,
  };
}

/** Makes one attempt at an order, and returns the outcome. */
export async function run(
  needs: RunNeeds,
  order: RunOrder,
  attempt = newAttempt(),
): Promise<RunOutcome> {
  return await runAgentJob(needs, { signed: await signed(order), attempt });
}

/** Resolves once the run's container runs. A sleep of a fixed length could end before that. */
export async function untilRunning({ engine, clock }: World, name = NAME): Promise<void> {
  while (engine.containers.get(name)?.status !== "running") await clock.sleep(100);
}
