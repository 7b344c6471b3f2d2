/** The activities of this host: each leaves another machine's runs to that machine, and reports them once. */

import type { ControlActivities, SignedOrder, SignedOutcome } from "../../lib/contract/dispatch.ts";
import type { Log } from "../../lib/ports.ts";
import { cancelRun, releaseRun } from "../run/control.ts";
import { type Attempt, ForeignRun, refuseForeign, type RunNeeds } from "../run/run.ts";
import { runAndSign } from "../run/run_job.ts";

/** What a host does for its two task queues. */
export interface HostWork extends ControlActivities {
  /** `HostActivities.runAgentJob` of the contract, for one attempt. */
  runAgentJob(signed: SignedOrder, attempt: Attempt): Promise<SignedOutcome>;
}

export interface HostWorkNeeds {
  readonly run: RunNeeds;
  /** The company's private key, imported for signing. */
  readonly key: CryptoKey;
  /** Asks Bigeye at once which machine owns the host id. */
  readonly checkOwner: () => void;
}

export function createHostWork({ run, key, checkOwner }: HostWorkNeeds): HostWork {
  const reported = reportForeignRuns(run.log, checkOwner);
  return {
    runAgentJob: reported((signed, attempt) => runAndSign(run, { signed, attempt, key })),
    cancelRun: reported(async (request) => {
      refuseForeign(request, run.host);
      await cancelRun(run, request.run_id);
    }),
    releaseRun: reported(async (request) => {
      refuseForeign(request, run.host);
      await releaseRun(run, request.run_id);
    }),
  };
}

/** Logs each foreign run once, and asks then who owns the host id: this machine may have lost it. */
function reportForeignRuns(log: Log, checkOwner: () => void) {
  const known = new Set<string>();
  return <A extends readonly unknown[], R>(work: (...args: A) => Promise<R>) =>
  async (...args: A): Promise<R> => {
    try {
      return await work(...args);
    } catch (error) {
      if (error instanceof ForeignRun && !known.has(error.run.run_id)) {
        known.add(error.run.run_id);
        log("warn", "leaving a run to another machine of this host id", { ...error.run });
        checkOwner();
      }
      throw error;
    }
  };
}
