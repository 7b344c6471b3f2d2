/** Hands queued runs and wishes to cancel to Temporal; the run table is the outbox, so none is lost. */

import { anySignal } from "../lib/any_signal.ts";
import type { AgentRunInput, RunOrder, SignedOrder } from "../lib/contract/dispatch.ts";
import { orAbort } from "../lib/or_abort.ts";
import type { Clock, Log } from "../lib/ports.ts";
import { abandoned } from "./abandoned.ts";
import { forEachOf } from "./for_each_of.ts";
import { onceAStreak } from "./once_a_streak.ts";
import type { DispatchableRun, RunOutbox } from "./store/mod.ts";

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
  /** Both may be repeated for the same run. */
  readonly workflows: {
    start(input: AgentRunInput): Promise<void>;
    /** `false` when the run's workflow has ended, or is not known at all. */
    cancel(runId: string): Promise<boolean>;
  };
  readonly sign: (order: RunOrder) => Promise<SignedOrder>;
  readonly hostWaitSeconds: number;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Dispatcher {
  /** There may be something to hand over: looks at once instead of within 2 s. */
  wake(): void;
  /** Hands over until the signal aborts, then resolves; to be called once. */
  run(signal: AbortSignal): Promise<void>;
}

const SCAN_EVERY_MS = 2_000;
const BATCH = 100;
/** An order outlives the wait for its host by this, for a host whose queue is long. */
const ORDER_SLACK_SECONDS = 3_600;

const WORDS = {
  failing: "runs cannot be handed to temporal, trying on",
  well: "runs are handed to temporal again",
};

export function createDispatcher(needs: DispatcherNeeds): Dispatcher {
  const { outbox, workflows, clock } = needs;
  const warnOnce = onceAStreak(needs.log, WORDS);
  let pause = new AbortController();
  const wake = () => pause.abort();

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      // Made before the scan, so that a wake during the scan leads to another one.
      pause = new AbortController();
      const errors = await scan(signal).catch((error: unknown) => [error]);
      if (!signal.aborted) warnOnce(errors);
      using woken = anySignal(signal, pause.signal);
      await clock.sleep(SCAN_EVERY_MS, woken.signal).catch(() => {});
    }
  }

  async function scan(signal: AbortSignal): Promise<unknown[]> {
    // Read before the runs: whatever is canceled here was queued earlier, and is started below.
    const cancels = await outbox.undeliveredCancels(BATCH);
    const runs = await outbox.undispatched(BATCH);
    const unsent = await forEachOf(runs, signal, dispatch);
    // A cancel that overtook its run's start would find no workflow and be lost.
    const unstarted = new Set([...unsent.keys()].map(({ run_id }) => run_id));
    const due = cancels.filter((runId) => !unstarted.has(runId));
    const undelivered = await forEachOf(due, signal, deliverCancel);
    const errors = [...unsent.values(), ...undelivered.values()];
    if (errors.length === 0 && (runs.length === BATCH || cancels.length === BATCH)) wake();
    return errors;
  }

  async function dispatch(queued: DispatchableRun, signal: AbortSignal): Promise<void> {
    if (!await outbox.claim(queued.run_id)) return;
    const input = await workflowInput(queued, needs);
    await orAbort(workflows.start(input), signal);
    await outbox.markDispatched(queued.run_id);
  }

  async function deliverCancel(runId: string, signal: AbortSignal): Promise<void> {
    const isKnown = await orAbort(workflows.cancel(runId), signal);
    if (!isKnown) await outbox.recordOutcome(runId, abandoned(clock));
    await outbox.markCancelDelivered(runId);
  }

  return { wake, run };
}

async function workflowInput(
  { created_at: _, ...run }: DispatchableRun,
  { sign, hostWaitSeconds, clock }: DispatcherNeeds,
): Promise<AgentRunInput> {
  const now = clock.now().getTime();
  const signed = await sign({
    ...run,
    issued_at: new Date(now).toISOString(),
    expires_at: new Date(now + (hostWaitSeconds + ORDER_SLACK_SECONDS) * 1000).toISOString(),
  });
  return {
    run_id: run.run_id,
    host_id: run.host_id,
    installation_id: run.installation_id,
    run_limit_seconds: run.run_limit_seconds,
    host_wait_seconds: hostWaitSeconds,
    signed,
  };
}
