/** The activity `runAgentJob`: one order to its truthful end, whatever an earlier attempt left behind. */

import { isDeepStrictEqual } from "node:util";
import { anySignal } from "../../lib/async/abort.ts";
import type { RunOrder, SignedOrder } from "../../lib/contract/dispatch.ts";
import type { RunOutcome } from "../../lib/contract/run.ts";
import { authenticOrder, refuseUntimely } from "../../lib/crypto/order.ts";
import type { Clock } from "../../lib/ports.ts";
import { Problem } from "../../lib/problems/problem.ts";
import { orderDiffers, orderReplayed } from "../../lib/problems/run.ts";
import { LABELS } from "../../lib/contract/container.ts";
import type { RunSignals } from "./active_runs.ts";
import { askEarly } from "./begin.ts";
import { converge } from "./converge.ts";
import { failedOutcome } from "../outcome/failure.ts";
import { refuseForeign } from "./foreign_run.ts";
import { isFresh, isUnfinished, type JournalRecord } from "./journal.ts";
import type { Attempt } from "./attempt.ts";
import { Deferred, Detached, type RunNeeds } from "./needs.ts";
import { PhaseReport } from "./phases.ts";
import { newRun, remember, type Run } from "./run.ts";

/** That is how a dead host is noticed, and no more (DESIGN, section 2, step 6). */
const HEARTBEAT_MS = 5_000;

/**
 * Runs the order to its end, adopting what an earlier attempt began. Throws `policy_denied` for an order
 * that is not to be believed or was run already, {@linkcode Detached} when it had to let go,
 * {@linkcode Deferred} for a new run while others wait for their next attempt, and
 * `ForeignRun` for one that is another machine's.
 */
export async function runAgentJob(
  needs: RunNeeds,
  { signed, attempt }: { readonly signed: SignedOrder; readonly attempt: Attempt },
): Promise<RunOutcome> {
  let order: RunOrder | undefined;
  try {
    order = await authenticOrder(signed, needs.reader);
    refuseForeign(order, needs.host);
    return await holdRun(order, { needs, attempt });
  } catch (error) {
    if (error instanceof Problem && error.code === "policy_denied") {
      // An order that is not authentic may name any run, so none is named for it.
      const run = order === undefined ? {} : { run_id: order.run_id };
      needs.log("warn", "order refused", { ...run, reason: error.code, error: error.message });
    }
    throw error;
  }
}

async function holdRun(
  order: RunOrder,
  { needs, attempt }: { readonly needs: RunNeeds; readonly attempt: Attempt },
): Promise<RunOutcome> {
  const stopped = new AbortController();
  const beating = beat(attempt, { clock: needs.clock, signal: stopped.signal });
  try {
    return await needs.active.hold(order.run_id, async (held) => {
      using cancel = anySignal(held.cancel, attempt.signal);
      using detach = anySignal(held.detach, attempt.shutdown);
      const signals = { cancel: cancel.signal, detach: detach.signal };
      return await attemptRun(order, { needs, signals });
    });
  } finally {
    stopped.abort();
    await beating;
  }
}

async function attemptRun(
  order: RunOrder,
  { needs, signals }: { readonly needs: RunNeeds; readonly signals: RunSignals },
): Promise<RunOutcome> {
  const journal = await needs.journals.open(order.run_id);
  const known = admit(order, { record: journal.record, now: needs.clock.now() });
  if (known) return known;
  if (mustWait(journal.record, needs)) throw new Deferred();
  if (journal.record.cancel_requested_at !== undefined) needs.active.cancel(order.run_id);

  await using phases = new PhaseReport({ id: order.run_id, journal }, needs);
  const run = newRun(order, { journal, phases, signals, needs });
  try {
    const outcome = await conclude(run);
    await remember(run, { outcome });
    needs.log("info", "run ended", {
      run_id: run.id,
      status: outcome.status,
      reason: outcome.reason,
    });
    return outcome;
  } catch (error) {
    if (!signals.detach.aborted) throw error;
    if (isUnfinished(journal.record)) needs.active.expect(run.id);
    needs.log("info", "run handed back", { run_id: run.id });
    throw new Detached();
  }
}

/** The outcome that the journal has already, if any. Refuses an order that may not be run (again). */
function admit(
  order: RunOrder,
  { record, now }: { readonly record: JournalRecord; readonly now: Date },
): RunOutcome | undefined {
  if (record.released_at !== undefined) throw orderReplayed(order.run_id);
  if (record.order && !isDeepStrictEqual(record.order, order)) throw orderDiffers(order.run_id);
  // A run may well outlive its order, and an answer that was lost may be asked for late.
  if (!record.order) refuseUntimely(order, now);
  return record.outcome;
}

/**
 * The slots are as many as the host may run at a time, and containers that nobody attends to fill them
 * as well. A run that was canceled needs none: it is answered at once.
 */
function mustWait(record: JournalRecord, { active }: RunNeeds): boolean {
  return active.expected.size > 0 && isFresh(record) && record.cancel_requested_at === undefined;
}

async function conclude(run: Run): Promise<RunOutcome> {
  const { record } = run.journal;
  const fresh = isFresh(record);
  const early = askEarly(run);
  try {
    if (!record.order) await accept(run);
    else run.phases.send();
    return await converge(run, { fresh, early });
  } catch (error) {
    run.signals.detach.throwIfAborted();
    return failedOutcome(run, error);
  }
}

/** On disk first, then known to Bigeye: a host that dies in between is asked again and goes on. */
async function accept(run: Run): Promise<void> {
  const stamp = { phase: "accepted", at: run.needs.clock.now().toISOString() } as const;
  const spec = run.body.Labels[LABELS.spec];
  await run.journal.update({
    order: run.order,
    phases: [stamp],
    ...(spec === undefined ? {} : { spec }),
  });
  run.phases.send();
  run.needs.log("info", "run accepted", {
    run_id: run.id,
    job_id: run.order.job_id,
    agent_type: run.order.task.agent_type,
  });
}

async function beat(
  attempt: Attempt,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    attempt.heartbeat();
    await clock.sleep(HEARTBEAT_MS, signal).catch(() => {});
  }
}
