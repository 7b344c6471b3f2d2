/** The runs that are on this host: one attempt a run, reachable for cancel and for letting go; or none as yet. */

export interface RunSignals {
  /** Stop the run. */
  readonly cancel: AbortSignal;
  /** Let go of the run. */
  readonly detach: AbortSignal;
}

interface Held {
  readonly cancel: AbortController;
  readonly detach: AbortController;
  readonly ended: Promise<void>;
}

export class ActiveRuns {
  readonly #runs = new Map<string, Held>();
  readonly #expected = new Set<string>();
  readonly #releases = new Map<string, Promise<void>>();

  get ids(): readonly string[] {
    return [...this.#runs.keys()];
  }

  has(runId: string): boolean {
    return this.#runs.has(runId);
  }

  /** Runs that were begun and that no attempt holds: their next attempts come before any new run. */
  get expected(): ReadonlySet<string> {
    return this.#expected;
  }

  /** Says that a run was begun, and that another attempt is to hold it. */
  expect(runId: string): void {
    this.#expected.add(runId);
  }

  /** Says that no other attempt at the run will come. */
  expectNoMore(runId: string): void {
    this.#expected.delete(runId);
  }

  cancel(runId: string): void {
    this.#runs.get(runId)?.cancel.abort(new Error("cancel requested"));
  }

  /** Makes the attempt in this process, if any, let go of the run, and waits until it has. */
  async detach(runId: string): Promise<void> {
    const held = this.#runs.get(runId);
    held?.detach.abort();
    await held?.ended;
  }

  /** Releases a run, or joins the release that is under way: two of them would meet in the engine. */
  async release(runId: string, work: () => Promise<void>): Promise<void> {
    const release = this.#releases.get(runId) ??
      work().finally(() => this.#releases.delete(runId));
    this.#releases.set(runId, release);
    await release;
  }

  /** Works on a run; an earlier attempt in this process lets go of it first. */
  async hold<T>(runId: string, work: (signals: RunSignals) => Promise<T>): Promise<T> {
    while (this.#runs.has(runId)) await this.detach(runId);
    const ended = Promise.withResolvers<void>();
    const held = {
      cancel: new AbortController(),
      detach: new AbortController(),
      ended: ended.promise,
    };
    this.#runs.set(runId, held);
    this.#expected.delete(runId);
    try {
      return await work({ cancel: held.cancel.signal, detach: held.detach.signal });
    } finally {
      this.#runs.delete(runId);
      ended.resolve();
    }
  }
}
