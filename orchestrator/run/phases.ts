/** Tells the workflow what the host is at, in the background: a slow Temporal never slows a run. */

import type { RunPhase } from "../../lib/contract/run.ts";
import type { Clock, Log } from "../../lib/ports.ts";
import { orAbort } from "../../lib/async/abort.ts";
import { Problem, reasonOf } from "../../lib/problems/problem.ts";
import { retryWithBackoff } from "./backoff.ts";
import type { Journal } from "./journal.ts";
import type { Workflows } from "./needs.ts";

export interface PhaseNeeds {
  readonly clock: Clock;
  readonly log: Log;
  readonly workflows: Workflows;
}

export type Acknowledgement = "delivered" | "gone";

/** The phases of one attempt. Disposing it stops the sending and waits for its end. */
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
    this.#first.promise.catch(() => {}); // nobody may be waiting when the run ends
  }

  /** Resolves with what Temporal said to the first signal of this attempt. */
  get acknowledged(): Promise<Acknowledgement> {
    return this.#first.promise;
  }

  /** Stamps the phase, unless an earlier attempt did; it reaches the disk with the journal's next update. */
  enter(phase: RunPhase): void {
    const { phases } = this.#run.journal.record;
    if (!phases.some((stamp) => stamp.phase === phase)) {
      const stamp = { phase, at: this.#needs.clock.now().toISOString() };
      this.#run.journal.note({ phases: [...phases, stamp] });
    }
    this.send();
  }

  /** Sends what is not yet sent; calls in the meantime are served by the same loop, coalesced. */
  send(): void {
    this.#sending ??= this.#pump().finally(() => this.#sending = undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error("the run has ended"));
    await this.#sending;
  }

  async #pump(): Promise<void> {
    const { id, journal } = this.#run;
    const { clock, log, workflows } = this.#needs;
    const { signal } = this.#stop;
    let warned = false;
    const onFailure = (error: unknown) => {
      if (!warned) log("warn", "phases not delivered yet", { run_id: id, error: reasonOf(error) });
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
      this.#first.reject(error); // whoever starts the container must not wait for ever
      if (signal.aborted) return;
      log("error", "phases no longer sent", { run_id: id, error: reasonOf(error) });
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
