/** A host without Docker that uses the orchestrator's workers. The `file_name` of a job decides what its runs do. */

import type { RunOrder } from "../../../lib/contract/dispatch.ts";
import type { RunOutcome } from "../../../lib/contract/run.ts";
import { importKey, type KeyPair } from "../../../lib/crypto/keys.ts";
import { authenticOrder } from "../../../lib/crypto/signed_order.ts";
import { signOutcome } from "../../../lib/crypto/signed_outcome.ts";
import type { Attempt } from "../../../orchestrator/run/run.ts";
import { serveWork } from "../temporal/host_work.ts";
import { delay } from "../time/wait.ts";

/** Values of `file_name`: the run succeeds or fails after a while, or waits for a cancel. */
export const TASKS = ["succeeds", "fails", "waits"] as const;
export type Task = typeof TASKS[number];

export interface HostRecord {
  /** How often each run arrived as a first attempt. */
  readonly given: ReadonlyMap<string, number>;
  /** The outcome of each run that was begun. */
  readonly ended: ReadonlyMap<string, RunOutcome>;
  /** Runs that were begun while another run of their job was active. */
  readonly overlapping: readonly string[];
}

export interface StandInHost extends HostRecord, AsyncDisposable {}

export interface StandInHostNeeds {
  /** Address of Temporal. */
  readonly address: string;
  readonly hostId: string;
  readonly company: KeyPair;
  readonly bigeyePem: string;
  /** Returns a random number from 0 to below 1. */
  readonly random: () => number;
}

const RUN_SLOTS = 64;
const HEARTBEAT_MS = 5_000;
const LONGEST_RUN_MS = 400;

/** Starts the host, which takes runs until it is disposed. */
export async function startStandInHost(needs: StandInHostNeeds): Promise<StandInHost> {
  const { address, hostId, company, bigeyePem } = needs;
  const runs = hostRuns(needs.random);
  const orderKey = await importKey(bigeyePem, "verify");
  const outcomeKey = await importKey(company.privatePem, "sign");
  const place = { address, hostId, company, bigeyePem, runSlots: RUN_SLOTS };
  const serving = await serveWork(place, ({ signalPhases }) => ({
    async runAgentJob(signed, attempt) {
      const order = await authenticOrder(signed, { publicKey: orderKey, hostId });
      runs.give(order.run_id, attempt);
      using _beating = heartbeats(attempt);
      const accept = () => signalPhases(order.run_id, [stamp("accepted"), stamp("running")]);
      const outcome = await runs.outcome(order, { attempt, accept });
      return await signOutcome({ ...order, outcome }, outcomeKey);
    },
    cancelRun: ({ run_id }) => Promise.resolve(runs.stop(run_id)),
    releaseRun: () => Promise.resolve(),
  }));
  return { ...runs.record, [Symbol.asyncDispose]: () => serving[Symbol.asyncDispose]() };
}

interface HostRuns {
  readonly record: HostRecord;
  give(runId: string, attempt: Attempt): void;
  /** Begins the run after `accept`, or follows a run that was begun before. */
  outcome(
    order: RunOrder,
    how: { readonly attempt: Attempt; readonly accept: () => Promise<void> },
  ): Promise<RunOutcome>;
  stop(runId: string): void;
}

function hostRuns(random: () => number): HostRuns {
  const given = new Map<string, number>();
  const ended = new Map<string, RunOutcome>();
  const overlapping: string[] = [];
  const begun = new Map<string, Promise<RunOutcome>>();
  const busy = new Set<string>();
  const stops = new Map<string, PromiseWithResolvers<void>>();
  const stopOf = (runId: string) => {
    const known = stops.get(runId) ?? Promise.withResolvers<void>();
    stops.set(runId, known);
    return known;
  };

  async function begin({ run_id, job_id, task }: RunOrder): Promise<RunOutcome> {
    if (busy.has(job_id)) overlapping.push(run_id);
    busy.add(job_id);
    const outcome = await follow(task, { stopped: stopOf(run_id).promise, random });
    busy.delete(job_id);
    ended.set(run_id, outcome);
    return outcome;
  }

  return {
    record: { given, ended, overlapping },
    give(runId, { attempt }) {
      if (attempt === 1) given.set(runId, (given.get(runId) ?? 0) + 1);
    },
    async outcome(order, { attempt, accept }) {
      const { run_id } = order;
      attempt.signal.addEventListener("abort", () => stopOf(run_id).resolve());
      if (!begun.has(run_id)) await accept();
      // Another attempt may have begun the run meanwhile.
      const running = begun.get(run_id) ?? begin(order);
      begun.set(run_id, running);
      const detached = Promise.withResolvers<never>();
      const leave = () => detached.reject(attempt.shutdown.reason);
      attempt.shutdown.addEventListener("abort", leave);
      return await Promise.race([running, detached.promise]);
    },
    stop: (runId) => stopOf(runId).resolve(),
  };
}

async function follow(
  { parameters }: RunOrder["task"],
  { stopped, random }: { readonly stopped: Promise<void>; readonly random: () => number },
): Promise<RunOutcome> {
  const task = "file_name" in parameters ? parameters.file_name : "";
  const phases = [stamp("accepted"), stamp("running")];
  await using timer = delay(random() * LONGEST_RUN_MS);
  const wasStopped = stopped.then(() => true);
  const isStopped = task === "waits"
    ? await wasStopped
    : await Promise.race([wasStopped, timer.done.then(() => false)]);
  const common = { phases, ended_at: new Date().toISOString() };
  if (isStopped) {
    return { ...common, status: "canceled", reason: "canceled_by_user", message: "It was stopped" };
  }
  if (task === "succeeds") return { ...common, status: "succeeded", exit_code: 0 };
  return { ...common, status: "failed", reason: "exit_nonzero", message: "exit 3", exit_code: 3 };
}

const stamp = <P extends "accepted" | "running">(phase: P) => ({
  phase,
  at: new Date().toISOString(),
});

function heartbeats(attempt: Attempt): Disposable {
  const timer = setInterval(() => attempt.heartbeat(), HEARTBEAT_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
