/** The runs on this host: those that an attempt holds, and those that wait for their next attempt. */

export interface RunSignals {
  /** Aborts when the run must be stopped. */
  readonly cancel: AbortSignal;
  /** Aborts when the attempt must leave the run to another one. */
  readonly detach: AbortSignal;
}

interface Held {
  readonly cancel: AbortController;
  readonly detach: AbortController;
  readonly ended: Promise<void>;
}

/** At most one attempt in this process holds a run. */
export class ActiveRuns {
  readonly #held = new Map<string, Held>();
  readonly #unattended = new Set<string>();
  readonly #cancels = new Map<string, Promise<void>>();
  readonly #releases = new Map<string, Promise<void>>();

  /** Ids of the runs that an attempt holds. */
  get ids(): readonly string[] {
    return [...this.#held.keys()];
  }

  has(runId: string): boolean {
    return this.#held.has(runId);
  }

  /** Runs that were begun and that no attempt holds. Their next attempts come before any new run. */
  get unattended(): ReadonlySet<string> {
    return this.#unattended;
  }

  addUnattended(runId: string): void {
    this.#unattended.add(runId);
  }

  /** For a run that has no further attempt. */
  removeUnattended(runId: string): void {
    this.#unattended.delete(runId);
  }

  cancel(runId: string): void {
    this.#held.get(runId)?.cancel.abort(new Error("cancel requested"));
  }

  /** Detaches the attempt that holds the run, if any, and waits until it has ended. */
  async detach(runId: string): Promise<void> {
    const held = this.#held.get(runId);
    held?.detach.abort();
    await held?.ended;
  }

  /** Records a cancel, or joins the recording in progress: the same cancel may arrive in two ways. */
  async recordCancel(runId: string, work: () => Promise<void>): Promise<void> {
    await joined(this.#cancels, runId, work);
  }

  /** Releases a run, or joins its release in progress: two at once would conflict in the engine. */
  async release(runId: string, work: () => Promise<void>): Promise<void> {
    await joined(this.#releases, runId, work);
  }

  /** Holds the run during `work`. An earlier attempt in this process is detached first. */
  async hold<T>(runId: string, work: (signals: RunSignals) => Promise<T>): Promise<T> {
    while (this.#held.has(runId)) await this.detach(runId);
    const ended = Promise.withResolvers<void>();
    const held = {
      cancel: new AbortController(),
      detach: new AbortController(),
      ended: ended.promise,
    };
    this.#held.set(runId, held);
    this.#unattended.delete(runId);
    try {
      return await work({ cancel: held.cancel.signal, detach: held.detach.signal });
    } finally {
      this.#held.delete(runId);
      ended.resolve();
    }
  }
}

/** Starts `work`, unless work for the run is in progress. Either way the promise settles like that work. */
function joined(
  inProgress: Map<string, Promise<void>>,
  runId: string,
  work: () => Promise<void>,
): Promise<void> {
  const promise = inProgress.get(runId) ?? work().finally(() => inProgress.delete(runId));
  inProgress.set(runId, promise);
  return promise;
}
