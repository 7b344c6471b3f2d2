/** Reports the run's phases to its workflow in the background, so that a slow Temporal never delays a run. */

import { orAbort } from "../../lib/async/abort.ts";
import { retryWithBackoff } from "../../lib/async/retry.ts";
import type { RunPhase } from "../../lib/contract/run.ts";
import type { Clock, Log } from "../../lib/ports.ts";
import { Problem, reasonOf } from "../../lib/problems/problem.ts";
import type { RunClient } from "../../lib/temporal/run_client.ts";
import type { Journal } from "./journal.ts";

export interface PhaseNeeds {
  readonly clock: Clock;
  readonly log: Log;
  readonly workflows: Pick<RunClient, "signalPhases">;
}

/** Whether the workflow has the phases, or is closed or unknown. */
export type Acknowledgement = "delivered" | "gone";

/** The phases of one attempt. Disposing it stops the sending and waits until it has ended. */
export class PhaseReport implements AsyncDisposable {
  readonly #run: { readonly id: string; readonly journal: Journal };
  readonly #needs: PhaseNeeds;
  readonly #stop = new AbortController();
  readonly #first = Promise.withResolvers<Acknowledgement>();
  #sending: Promise<void> | undefined;
  #sent = 0;

  constructor(run: { readonly id: string; readonly journal: Journal }, needs: PhaseNeeds) {
    this.#run = run;
    this.#needs = needs;
    // Avoids an unhandled rejection when the run ends before anything awaits the acknowledgement.
    this.#first.promise.catch(() => {});
  }

  /** Resolves with Temporal's answer to the first signal of this attempt. */
  get acknowledged(): Promise<Acknowledgement> {
    return this.#first.promise;
  }

  /** Records the begin of a phase, unless an earlier attempt did. The journal's next update writes it. */
  enter(phase: RunPhase): void {
    const { phases } = this.#run.journal.record;
    if (!phases.some((stamp) => stamp.phase === phase)) {
      const stamp = { phase, at: this.#needs.clock.now().toISOString() };
      this.#run.journal.note({ phases: [...phases, stamp] });
    }
    this.send();
  }

  /** Sends what is not sent yet. Calls during a send are coalesced into its loop. */
  send(): void {
    this.#sending ??= this.#sendAll().finally(() => this.#sending = undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error("the run has ended"));
    await this.#sending;
  }

  async #sendAll(): Promise<void> {
    const { id, journal } = this.#run;
    const { clock, log, workflows } = this.#needs;
    const { signal } = this.#stop;
    let warned = false;
    const onFailure = (error: unknown) => {
      if (!warned) {
        log("warn", "could not deliver phases, retrying", { run_id: id, error: reasonOf(error) });
      }
      warned = true;
    };
    try {
      while (this.#sent < journal.record.phases.length) {
        const { phases } = journal.record;
        const deliver = () => orAbort(delivered(workflows.signalPhases(id, phases)), signal);
        const answer = await retryWithBackoff(deliver, { clock, signal, onFailure });
        this.#sent = answer === "gone" ? Infinity : phases.length;
        this.#first.resolve(answer);
      }
    } catch (error) {
      this.#first.reject(error); // or a start would wait for the acknowledgement forever
      if (signal.aborted) return;
      log("error", "stopped sending phases", { run_id: id, error: reasonOf(error) });
    }
  }
}

async function delivered(call: Promise<void>): Promise<Acknowledgement> {
  try {
    await call;
    return "delivered";
  } catch (error) {
    if (error instanceof Problem && error.code === "run_closed") return "gone";
    throw error;
  }
}
