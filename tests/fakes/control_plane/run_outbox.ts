/** The outbox of runs in memory, with methods to queue a run, cancel it and wait for its outcome. */

import type { PhaseStamp, RunOutcome } from "../../../lib/contract/run.ts";
import type { DispatchableRun, RunOutbox } from "../../../control_plane/store/mod.ts";

interface Row {
  readonly run: DispatchableRun;
  readonly phases: PhaseStamp[];
  readonly begun: PromiseWithResolvers<readonly PhaseStamp[]>;
  readonly ended: PromiseWithResolvers<RunOutcome>;
  readonly sent: PromiseWithResolvers<void>;
  readonly canceling: PromiseWithResolvers<void>;
  claimed: boolean;
  isSent: boolean;
  cancel: "no" | "asked" | "delivered";
  outcomes: RunOutcome[];
}

export interface MemoryOutbox extends RunOutbox {
  add(run: DispatchableRun): void;
  askToCancel(runId: string): void;
  /** Resolves with the first outcome. */
  ended(runId: string): Promise<RunOutcome>;
  /** Resolves once Temporal has the run. */
  dispatched(runId: string): Promise<void>;
  /** Resolves once Temporal has the cancel. */
  canceling(runId: string): Promise<void>;
  /** Resolves with the phases once some are recorded. */
  phasesOf(runId: string): Promise<readonly PhaseStamp[]>;
  /** All outcomes that were recorded, in order. Only the first one counts. */
  outcomes(runId: string): readonly RunOutcome[];
  /** Makes the next writes fail, as if the database were unavailable. */
  failWrites(count: number): void;
}

export function memoryOutbox(): MemoryOutbox {
  const rows = new Map<string, Row>();
  let failing = 0;
  const find = (runId: string): Row => {
    const row = rows.get(runId);
    if (!row) throw new Error(`no run "${runId}"`);
    return row;
  };
  const write = (runId: string): Row => {
    if (failing-- > 0) throw new Error("the database is unavailable");
    return find(runId);
  };
  const isOpen = ({ outcomes }: Row) => outcomes.length === 0;

  return {
    add: (run) =>
      void rows.set(run.run_id, {
        run,
        phases: [],
        begun: Promise.withResolvers(),
        ended: Promise.withResolvers(),
        sent: Promise.withResolvers(),
        canceling: Promise.withResolvers(),
        claimed: false,
        isSent: false,
        cancel: "no",
        outcomes: [],
      }),
    askToCancel: (runId) => void (find(runId).cancel = "asked"),
    ended: (runId) => find(runId).ended.promise,
    dispatched: (runId) => find(runId).sent.promise,
    canceling: (runId) => find(runId).canceling.promise,
    phasesOf: (runId) => find(runId).begun.promise,
    outcomes: (runId) => find(runId).outcomes,
    failWrites: (count) => void (failing = count),

    undispatched: (limit) =>
      settle(() =>
        [...rows.values()].filter((row) => isOpen(row) && !row.isSent)
          .slice(0, limit).map(({ run }) => run)
      ),
    claim: (runIds) =>
      settle(() => {
        const claimed = runIds.filter((runId) => isOpen(find(runId)));
        for (const runId of claimed) find(runId).claimed = true;
        return new Set(claimed);
      }),
    markDispatched: (runId) =>
      settle(() => {
        const row = find(runId);
        row.isSent = true;
        row.sent.resolve();
      }),
    undeliveredCancels: (limit) =>
      settle(() =>
        [...rows.values()].filter((row) => isOpen(row) && row.claimed && row.cancel === "asked")
          .slice(0, limit)
          .map(({ run: { run_id, host_id, installation_id } }) => ({
            run_id,
            host_id,
            installation_id,
          }))
      ),
    markCancelDelivered: (runId) =>
      settle(() => {
        const row = find(runId);
        row.cancel = "delivered";
        row.canceling.resolve();
      }),
    // There is no clock here, so that every dispatched run counts as dispatched long ago.
    underWay: (after, limit) =>
      settle(() =>
        [...rows.values()].filter((row) => isOpen(row) && row.isSent && row.run.job_id > after)
          .toSorted((a, b) => a.run.job_id < b.run.job_id ? -1 : 1)
          .slice(0, limit).map(({ run: { run_id, job_id } }) => ({ run_id, job_id }))
      ),
    hostOf: (runId) => settle(() => rows.get(runId)?.run.host_id),
    recordPhases: (runId, phases) =>
      settle(() => {
        const row = write(runId);
        row.phases.push(...phases);
        row.begun.resolve(row.phases);
      }),
    recordOutcome: (runId, outcome) =>
      settle(() => {
        const row = write(runId);
        row.outcomes.push(outcome);
        row.ended.resolve(row.outcomes[0] ?? outcome);
      }),
  };
}

function settle<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => resolve(work()));
}
