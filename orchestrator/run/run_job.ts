/** The activity `runAgentJob`: runs one order to its true outcome, whatever earlier attempts left, and signs it. */

import { isDeepStrictEqual } from "node:util";
import { anySignal } from "../../lib/async/abort.ts";
import { LABELS } from "../../lib/contract/container.ts";
import type { RunOrder, SignedOrder, SignedOutcome } from "../../lib/contract/dispatch.ts";
import type { RunOutcome } from "../../lib/contract/run.ts";
import { authenticOrder, readOrder, refuseUntimely } from "../../lib/crypto/signed_order.ts";
import { signOutcome } from "../../lib/crypto/signed_outcome.ts";
import type { Clock } from "../../lib/ports.ts";
import { Problem } from "../../lib/problems/problem.ts";
import { orderDiffers, orderReplayed } from "../../lib/problems/run.ts";
import { failedOutcome } from "../outcome/host_outcome.ts";
import type { RunSignals } from "./active_runs.ts";
import { askEarly } from "./begin.ts";
import { converge } from "./converge.ts";
import { isFresh, isUnfinished, type JournalRecord } from "./journal.ts";
import { PhaseReport } from "./phases.ts";
import {
  type Attempt,
  Deferred,
  Detached,
  newRun,
  refuseForeign,
  type Run,
  type RunNeeds,
  tryUpdate,
} from "./run.ts";

/** Temporal notices a dead host by its missing heartbeats. They carry nothing else. */
const HEARTBEAT_MS = 5_000;

export interface SignedAttempt {
  readonly signed: SignedOrder;
  readonly attempt: Attempt;
  /** The company's private key, imported for signing. */
  readonly key: CryptoKey;
}

/**
 * Runs the order and signs its outcome with the company's key, which Bigeye trusts. Only the end is
 * signed: a signature takes 20 ms, so nothing before the start waits for one.
 *
 * @throws what {@linkcode runAgentJob} does.
 */
export async function runAndSign(
  needs: RunNeeds,
  { signed, attempt, key }: SignedAttempt,
): Promise<SignedOutcome> {
  const outcome = await runAgentJob(needs, { signed, attempt });
  // The order is authentic: `runAgentJob` has checked it.
  const { run_id, host_id } = readOrder(signed.order);
  return await signOutcome({ run_id, host_id, outcome }, key);
}

/**
 * Runs the order to its end, and adopts what an earlier attempt began.
 *
 * @throws `policy_denied` for an order that is not authentic, has expired, or was run already;
 * Detached when the attempt had to leave the run; Deferred for a new run while begun runs wait for their
 * next attempts; ForeignRun for an order of another machine.
 */
export async function runAgentJob(
  needs: RunNeeds,
  { signed, attempt }: Omit<SignedAttempt, "key">,
): Promise<RunOutcome> {
  let order: RunOrder | undefined;
  try {
    order = await authenticOrder(signed, needs.reader);
    refuseForeign(order, needs.host);
    return await holdRun(order, { needs, attempt });
  } catch (error) {
    if (error instanceof Problem && error.code === "policy_denied") {
      // A forged order may name any run, so its run id is not logged.
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
  const heartbeats = sendHeartbeats(attempt, { clock: needs.clock, signal: stopped.signal });
  try {
    return await needs.active.hold(order.run_id, async (held) => {
      using cancel = anySignal(held.cancel, attempt.signal);
      using detach = anySignal(held.detach, attempt.shutdown);
      const signals = { cancel: cancel.signal, detach: detach.signal };
      return await attemptRun(order, { needs, signals, attempt });
    });
  } finally {
    stopped.abort();
    await heartbeats;
  }
}

async function attemptRun(
  order: RunOrder,
  { needs, signals, attempt }: {
    readonly needs: RunNeeds;
    readonly signals: RunSignals;
    readonly attempt: Attempt;
  },
): Promise<RunOutcome> {
  const journal = await needs.journals.open(order.run_id);
  const known = admit(order, { record: journal.record, now: needs.clock.now() });
  if (known) return known;
  if (mustWait(journal.record, needs)) throw new Deferred();
  if (journal.record.cancel_requested_at !== undefined) needs.active.cancel(order.run_id);

  await using phases = new PhaseReport({ id: order.run_id, journal }, needs);
  const run = newRun(order, { journal, phases, signals, needs });
  try {
    const outcome = await conclude(run, attempt);
    await tryUpdate(run, { outcome });
    needs.log("info", "run ended", {
      run_id: run.id,
      status: outcome.status,
      reason: outcome.reason,
    });
    return outcome;
  } catch (error) {
    if (!signals.detach.aborted) throw error;
    if (isUnfinished(journal.record)) needs.active.addUnattended(run.id);
    needs.log("info", "detached from run", { run_id: run.id });
    throw new Detached();
  }
}

/**
 * Returns the outcome that the journal already has, if any.
 *
 * @throws `policy_denied` for an order that must not be run, or not again.
 */
function admit(
  order: RunOrder,
  { record, now }: { readonly record: JournalRecord; readonly now: Date },
): RunOutcome | undefined {
  if (record.released_at !== undefined) throw orderReplayed(order.run_id);
  if (record.order && !isDeepStrictEqual(record.order, order)) throw orderDiffers(order.run_id);
  // Only a new run: one may outlast its order's time, and Bigeye may ask late for a lost answer.
  if (!record.order) refuseUntimely(order, now);
  return record.outcome;
}

/**
 * The host has as many slots as it may run agents at a time, and unattended containers fill them too. A
 * canceled run needs no slot and is answered at once.
 */
function mustWait(record: JournalRecord, { active }: RunNeeds): boolean {
  return active.unattended.size > 0 && isFresh(record) && record.cancel_requested_at === undefined;
}

async function conclude(run: Run, { token }: Attempt): Promise<RunOutcome> {
  const { record } = run.journal;
  const fresh = isFresh(record);
  const early = askEarly(run);
  const machine_started_at = run.needs.machineStartedAt;
  const attempt = { attempt: { task_token: token, machine_started_at } };
  try {
    if (record.order) {
      await tryUpdate(run, attempt);
      run.phases.send();
    } else await accept(run, attempt);
    return await converge(run, { fresh, early });
  } catch (error) {
    run.signals.detach.throwIfAborted();
    return failedOutcome(run, error);
  }
}

/** On disk first, then reported: if the host dies in between, Bigeye asks again and the run continues. */
async function accept(run: Run, attempt: Pick<JournalRecord, "attempt">): Promise<void> {
  const stamp = { phase: "accepted", at: run.needs.clock.now().toISOString() } as const;
  const spec = run.body.Labels[LABELS.spec];
  await run.journal.update({
    order: run.order,
    phases: [stamp],
    ...attempt,
    ...(spec === undefined ? {} : { spec }),
  });
  run.phases.send();
  run.needs.log("info", "run accepted", {
    run_id: run.id,
    job_id: run.order.job_id,
    agent_type: run.order.task.agent_type,
  });
}

async function sendHeartbeats(
  attempt: Attempt,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    attempt.heartbeat();
    await clock.sleep(HEARTBEAT_MS, signal).catch(() => {});
  }
}
