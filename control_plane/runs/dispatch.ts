/** Starts workflows for queued runs and delivers cancel requests. The run table is the outbox, so none is lost. */

import { orAbort } from "../../lib/async/abort.ts";
import type { AgentRunInput, HostControlRequest, RunOrder } from "../../lib/contract/dispatch.ts";
import type { OrderProof } from "../../lib/crypto/signed_order.ts";
import type { Clock, Log } from "../../lib/ports.ts";
import type { PushCancel } from "../../lib/temporal/cancel_push.ts";
import { abandoned } from "./orphans.ts";
import { forEachConcurrently } from "../../lib/async/for_each_concurrently.ts";
import { logStateChanges } from "../../lib/async/log_state_changes.ts";
import { createRounds } from "../../lib/async/rounds.ts";
import type { DispatchableRun, RunOutbox } from "../store/mod.ts";

export interface DispatcherNeeds {
  readonly outbox: Pick<
    RunOutbox,
    | "undispatched"
    | "claim"
    | "markDispatched"
    | "undeliveredCancels"
    | "markCancelDelivered"
    | "recordOutcome"
  >;
  /** Both are idempotent. */
  readonly workflows: {
    start(input: AgentRunInput): Promise<void>;
    /** Returns `false` if the run's workflow has ended or does not exist. */
    cancel(runId: string): Promise<boolean>;
  };
  readonly pushCancel: PushCancel;
  /** Signs a batch of orders with one signature; each is the JSON text of a {@linkcode RunOrder}. */
  readonly sign: (orders: readonly string[]) => Promise<OrderProof>;
  readonly hostWaitSeconds: number;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Dispatcher {
  /** Scans now instead of within 2 s. */
  wake(): void;
  /** Dispatches until the signal aborts, then resolves. Call it once. */
  run(signal: AbortSignal): Promise<void>;
}

const SCAN_EVERY_MS = 2_000;
const SCANNED = 100;
/** How many runs are claimed and signed together; each order carries the hashes of all of them. */
const BATCH = 16;
/** An order is valid this much longer than the wait for its host, for a host with a long queue. */
const ORDER_SLACK_SECONDS = 3_600;

/**
 * Lead of a pushed cancel over the workflow's. Without it both get in each other's way at Temporal, and
 * the host has the first of them later than without a push (32 ms; 25 without a push, 19 with this).
 */
const HEAD_START_MS = 20;

const WORDS = {
  failing: "cannot hand runs to temporal, retrying",
  well: "hands runs to temporal again",
};

export function createDispatcher(needs: DispatcherNeeds): Dispatcher {
  const { outbox, workflows, pushCancel, clock } = needs;
  const warnOnce = logStateChanges(needs.log, WORDS);
  const { wake, run: repeat } = createRounds(clock);

  const run = (signal: AbortSignal): Promise<void> =>
    repeat(async () => {
      const errors = await scan(signal).catch((error: unknown) => [error]);
      if (!signal.aborted) warnOnce(errors);
      return SCAN_EVERY_MS;
    }, signal);

  async function scan(signal: AbortSignal): Promise<unknown[]> {
    // Read before the runs, so that every run canceled here is also in the list below.
    const cancels = await outbox.undeliveredCancels(SCANNED);
    const runs = await outbox.undispatched(SCANNED);
    const unsent = await forEachConcurrently(inBatches(runs, claimedInputs), signal, dispatch);
    // A cancel sent before the run's workflow starts would find none and be lost.
    const unstarted = new Set([...unsent.keys()].map(({ run }) => run.run_id));
    const due = cancels.filter(({ run_id }) => !unstarted.has(run_id));
    const undelivered = await forEachConcurrently(due, signal, deliverCancel);
    const errors = [...unsent.values(), ...undelivered.values()];
    if (errors.length === 0 && (runs.length === SCANNED || cancels.length === SCANNED)) wake();
    return errors;
  }

  /** By run id. Leaves out runs that were canceled, or dispatched by another process, since the scan. */
  async function claimedInputs(batch: readonly DispatchableRun[]): Promise<WorkflowInputs> {
    const claimed = await outbox.claim(batch.map(({ run_id }) => run_id));
    const runs = batch.filter(({ run_id }) => claimed.has(run_id));
    return await workflowInputs(runs, needs);
  }

  async function dispatch({ run, inputs }: Prepared, signal: AbortSignal): Promise<void> {
    const input = (await inputs()).get(run.run_id);
    if (!input) return;
    await orAbort(workflows.start(input), signal);
    await outbox.markDispatched(run.run_id);
  }

  /** The workflow's answer decides. A push only lets the host know sooner, and nothing waits for its end. */
  async function deliverCancel(request: HostControlRequest, signal: AbortSignal): Promise<void> {
    const { run_id } = request;
    if (pushCancel(request)) await clock.sleep(HEAD_START_MS, signal);
    const isKnown = await orAbort(workflows.cancel(run_id), signal);
    if (!isKnown) await outbox.recordOutcome(run_id, abandoned(clock));
    await outbox.markCancelDelivered(run_id);
  }

  return { wake, run };
}

type WorkflowInputs = ReadonlyMap<string, AgentRunInput>;

interface Prepared {
  readonly run: DispatchableRun;
  /** The inputs of the run's whole batch. */
  readonly inputs: () => Promise<WorkflowInputs>;
}

/** Splits runs into batches. A batch is signed when its first run is due, while earlier ones are starting. */
function inBatches(
  runs: readonly DispatchableRun[],
  prepare: (batch: readonly DispatchableRun[]) => Promise<WorkflowInputs>,
): readonly Prepared[] {
  const prepared: Prepared[] = [];
  for (let from = 0; from < runs.length; from += BATCH) {
    const batch = runs.slice(from, from + BATCH);
    let result: Promise<WorkflowInputs> | undefined;
    const inputs = () => result ??= prepare(batch);
    prepared.push(...batch.map((run) => ({ run, inputs })));
  }
  return prepared;
}

/** Builds the inputs of the workflows, with one signature over all orders. */
async function workflowInputs(
  runs: readonly DispatchableRun[],
  { sign, hostWaitSeconds, clock }: DispatcherNeeds,
): Promise<WorkflowInputs> {
  const now = clock.now().getTime();
  const issued_at = new Date(now).toISOString();
  const expires_at = new Date(now + (hostWaitSeconds + ORDER_SLACK_SECONDS) * 1000).toISOString();
  const ordered = runs.map(({ created_at: _, ...run }) => {
    const order: RunOrder = { ...run, issued_at, expires_at };
    return { run, order: JSON.stringify(order) };
  });
  const proof = await sign(ordered.map(({ order }) => order));
  return new Map(ordered.map(({ run, order }) => [run.run_id, {
    run_id: run.run_id,
    host_id: run.host_id,
    installation_id: run.installation_id,
    run_limit_seconds: run.run_limit_seconds,
    host_wait_seconds: hostWaitSeconds,
    signed: { order, ...proof },
  }]));
}
