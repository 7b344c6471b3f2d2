/** A host without Docker. The `file_name` of an order says how its run behaves. */

import type { RunOrder, SignedOutcome } from "../../../lib/contract/dispatch.ts";
import type { RunOutcome, RunPhase } from "../../../lib/contract/run.ts";
import { authenticOrder } from "../../../lib/crypto/signed_order.ts";
import { signOutcome } from "../../../lib/crypto/signed_outcome.ts";
import { orderNotSigned } from "../../../lib/problems/run.ts";
import type { HostWork } from "../../../orchestrator/host/work.ts";
import type { Attempt, RunNeeds } from "../../../orchestrator/run/run.ts";
import { type EventLog, eventLog } from "../time/event_log.ts";

/** The behaviors of a run, as its `file_name`. */
export type Script =
  | "succeeds"
  | "fails"
  | "runs until canceled"
  | "ends as it is canceled"
  | "sets a timer"
  | "runs until the service stops"
  | "replays an earlier end"
  | "reaches its limit"
  | "is refused"
  | "meets a bug"
  | "never ends"
  | "tells no phase"
  | "accepts once canceled"
  | "is handed back once canceled"
  | "is given up once canceled";

/** The state that outlives the worker, like a real host's folder and engine. */
export interface HostDisk {
  /** `run ID attempt`, `accepted ID`, `cancel ID`, `release ID`. */
  readonly log: EventLog;
  /** Resolved for runs that must stop. */
  readonly stops: Map<string, PromiseWithResolvers<void>>;
  /** The outcomes that it has reported. */
  readonly reports: SignedOutcome[];
}

export const emptyDisk = (): HostDisk => ({ log: eventLog(), stops: new Map(), reports: [] });

export interface FakeHostNeeds {
  readonly workflows: Pick<RunNeeds["workflows"], "signalPhases">;
  /** Starts the workers. */
  readonly start: (work: HostWork) => Promise<{ run(signal: AbortSignal): Promise<void> }>;
  readonly hostId: string;
  /** Bigeye's key, which signs orders. */
  readonly orderKey: CryptoKey;
  /** The company's key, which signs outcomes. */
  readonly outcomeKey: CryptoKey;
  readonly disk: HostDisk;
}

export async function startFakeHost(needs: FakeHostNeeds): Promise<AsyncDisposable> {
  const { workflows, start, hostId, orderKey, outcomeKey, disk } = needs;
  const stop = new AbortController();
  const workers = await start({
    async runAgentJob(signed, attempt) {
      const order = await authenticOrder(signed, { publicKey: orderKey, hostId });
      disk.log.add(`run ${order.run_id} ${attempt.attempt}`);
      await beforePhases(order, attempt);
      if (scriptOf(order) !== "tells no phase") await workflows.signalPhases(order.run_id, PHASES);
      disk.log.add(`accepted ${order.run_id}`);
      const outcome = await follow(order, attempt, disk);
      if (scriptOf(order) === "replays an earlier end") return earlierReport(disk);
      const report = await signOutcome({ ...order, outcome }, outcomeKey);
      disk.reports.push(report);
      return report;
    },
    cancelRun({ run_id }) {
      disk.log.add(`cancel ${run_id}`);
      stopOf(disk, run_id).resolve();
      return Promise.resolve();
    },
    releaseRun({ run_id }) {
      disk.log.add(`release ${run_id}`);
      return Promise.resolve();
    },
  });
  const running = workers.run(stop.signal);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort(new Error("the host stops"));
      await running;
    },
  };
}

/** Refuses the run, or delays it until a cancel has come. */
async function beforePhases(order: RunOrder, { heartbeat, signal }: Attempt): Promise<void> {
  const script = scriptOf(order);
  if (script === "is refused") throw orderNotSigned();
  if (script === "meets a bug") throw new TypeError("Cannot read properties of undefined");
  if (!script.endsWith("once canceled")) return;
  // Temporal delivers a cancel with the response to a heartbeat.
  const beating = setInterval(heartbeat, 200);
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  clearInterval(beating);
}

async function follow(order: RunOrder, attempt: Attempt, disk: HostDisk): Promise<RunOutcome> {
  const { promise: stopped, resolve: stop } = stopOf(disk, order.run_id);
  attempt.signal.addEventListener("abort", () => stop());
  const detached = Promise.withResolvers<never>();
  detached.promise.catch(() => {}); // most runs end without it
  attempt.shutdown.addEventListener("abort", () => detached.reject(attempt.shutdown.reason));

  switch (scriptOf(order)) {
    case "fails":
      return FAILED;
    case "runs until canceled":
      await Promise.race([stopped, detached.promise]);
      return CANCELED;
    case "ends as it is canceled":
      await Promise.race([stopped, detached.promise]);
      return SUCCEEDED;
    case "runs until the service stops":
      return attempt.attempt === 1 ? await detached.promise : SUCCEEDED;
    case "sets a timer":
      return await timed();
    case "reaches its limit":
      return TIMED_OUT;
    case "never ends":
      return await beating(attempt, detached.promise);
    case "accepts once canceled":
      await stopped;
      return CANCELED;
    case "is handed back once canceled":
      return await detached.promise;
    case "is given up once canceled":
      throw attempt.signal.reason;
    default:
      return SUCCEEDED;
  }
}

function scriptOf({ task: { parameters } }: RunOrder): string {
  return "file_name" in parameters ? parameters.file_name : "";
}

async function beating({ heartbeat }: Attempt, detached: Promise<never>): Promise<never> {
  const timer = setInterval(heartbeat, 1_000);
  return await detached.finally(() => clearInterval(timer));
}

function earlierReport({ reports: [report] }: HostDisk): SignedOutcome {
  if (!report) throw new Error("no run has ended before");
  return report;
}

/** Succeeds if a timer that is set in an activity fires. The pinned Deno can forget timers. */
async function timed(): Promise<RunOutcome> {
  await new Promise((resolve) => setTimeout(resolve, 300));
  return SUCCEEDED;
}

function stopOf({ stops }: HostDisk, runId: string): PromiseWithResolvers<void> {
  const known = stops.get(runId) ?? Promise.withResolvers<void>();
  stops.set(runId, known);
  return known;
}

export const PHASES = (["accepted", "running"] satisfies RunPhase[])
  .map((phase) => ({ phase, at: "2026-01-01T00:00:00.000Z" }));

const common = { phases: PHASES, ended_at: "2026-01-01T00:00:01.000Z" };
export const SUCCEEDED: RunOutcome = { ...common, status: "succeeded", exit_code: 0 };
export const FAILED: RunOutcome = {
  ...common,
  status: "failed",
  reason: "exit_nonzero",
  message: "exit 3",
  exit_code: 3,
};
export const TIMED_OUT: RunOutcome = {
  ...common,
  status: "timed_out",
  reason: "run_limit",
  message: "stopped at its limit",
};
export const CANCELED: RunOutcome = {
  ...common,
  status: "canceled",
  reason: "canceled_by_user",
  message: "stopped",
};
