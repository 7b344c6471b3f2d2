/** Puts the host's folder and its containers in line with what Bigeye still waits for. */

import { LABELS } from "../../lib/contract/container.ts";
import { Problem, reasonOf } from "../../lib/problems/problem.ts";
import { releaseRun } from "./control.ts";
import { isUnfinished, type JournalRecord } from "./journal.ts";
import type { RunNeeds } from "./needs.ts";
import { runFolder } from "./run_folder.ts";

const INTERVAL_MS = 60_000;
/** New runs are put off while one is expected, so its end is looked for more often. */
const EXPECTED_INTERVAL_MS = 5_000;
/**
 * How long a released run keeps its folder, for its `output.log`. While it does, the journal refuses the
 * order should it come again; it is removed only once the order has expired as well.
 */
const KEEP_MS = 14 * 24 * 3_600_000;

/** Keeps the ids of released runs, so that no journal of an old host's folder is read more than once. */
export class Reconciler {
  readonly #needs: RunNeeds;
  /** Run id → when its folder may go. */
  readonly #released = new Map<string, number>();

  constructor(needs: RunNeeds) {
    this.#needs = needs;
  }

  /**
   * Reads what an earlier life of this host left behind, so that its runs are known before orders come.
   * Rejects with the signal's reason only.
   */
  async survey(signal: AbortSignal): Promise<void> {
    const { active, journals, log } = this.#needs;
    try {
      for (const runId of await journals.runIds()) {
        signal.throwIfAborted();
        await this.#noteLeft(runId);
      }
    } catch (error) {
      signal.throwIfAborted();
      this.#complain("earlier runs not looked at", error);
    }
    const { size } = active.expected;
    if (size > 0) log("info", "runs from before come first", { runs: size });
  }

  /**
   * Looks now, then every 60 s, and at expected runs every 5 s, until the signal aborts. Trouble is
   * logged, and looked at again.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#needs;
    let due = -Infinity;
    while (!signal.aborted) {
      const isDue = clock.monotonic() >= due;
      if (isDue) due = clock.monotonic() + INTERVAL_MS;
      try {
        await (isDue ? this.look(signal) : this.#releaseExpected(signal));
      } catch (error) {
        if (!signal.aborted) this.#complain("reconciling put off", error);
      }
      await clock.sleep(EXPECTED_INTERVAL_MS, signal).catch(() => {});
    }
  }

  async look(signal: AbortSignal): Promise<void> {
    await this.#releaseExpected(signal);
    await this.#releaseForgotten(signal);
    await this.#removeStrays(signal);
    await this.#prune();
  }

  async #noteLeft(runId: string): Promise<void> {
    try {
      const { record } = await this.#needs.journals.open(runId);
      if (record.released_at !== undefined) this.#noteReleased(runId, record);
      else if (isUnfinished(record)) this.#needs.active.expect(runId);
    } catch (error) {
      this.#complain("run not looked at", error, runId);
    }
  }

  /** Side by side: each may take the grace of a stop, and new runs wait for all of them. */
  async #releaseExpected(signal: AbortSignal): Promise<void> {
    const { expected } = this.#needs.active;
    await Promise.all([...expected].map((runId) => this.#releaseIfClosed(runId, signal)));
  }

  /** Runs whose workflow ended while this host was away: nobody will call `releaseRun` for them. */
  async #releaseForgotten(signal: AbortSignal): Promise<void> {
    const { active, journals } = this.#needs;
    for (const runId of await journals.runIds()) {
      signal.throwIfAborted();
      if (active.has(runId) || active.expected.has(runId) || this.#released.has(runId)) continue;
      try {
        await this.#releaseOrNote(runId, signal);
      } catch (error) {
        // One run's trouble keeps no other from being looked at.
        if (!signal.aborted) this.#complain("run not looked at", error, runId);
      }
    }
  }

  async #releaseOrNote(runId: string, signal: AbortSignal): Promise<void> {
    const { journals } = this.#needs;
    const { record } = await journals.open(runId);
    if (record.released_at === undefined) return await this.#releaseIfClosed(runId, signal);
    this.#noteReleased(runId, record);
  }

  #noteReleased(runId: string, { released_at = "", order }: JournalRecord): void {
    this.#needs.journals.close(runId);
    const expiry = order ? Date.parse(order.expires_at) : 0;
    this.#released.set(runId, Math.max(Date.parse(released_at) + KEEP_MS, expiry));
  }

  /** Containers with our labels and no journal, as after the folder was restored from a backup. */
  async #removeStrays(signal: AbortSignal): Promise<void> {
    const { engine, host, active } = this.#needs;
    const own = [LABELS.installation, host.installationId] as const;
    for (const { Labels } of await engine.listContainers(own, signal)) {
      const runId = Labels?.[LABELS.run];
      if (runId === undefined) continue;
      if (!active.has(runId)) await this.#releaseIfClosed(runId, signal);
    }
  }

  async #releaseIfClosed(runId: string, signal: AbortSignal): Promise<void> {
    const { workflows, active } = this.#needs;
    try {
      if (!await workflows.isClosed(runId) || active.has(runId)) return;
      // Whatever comes of the release: nobody asks for the run again, and new ones have waited for it.
      await releaseRun(this.#needs, runId, signal).finally(() => active.expectNoMore(runId));
    } catch (error) {
      if (!signal.aborted) this.#complain("run not released yet", error, runId);
    }
  }

  async #prune(): Promise<void> {
    const { files, host, clock, journals, log } = this.#needs;
    const now = clock.now().getTime();
    for (const [runId, until] of this.#released) {
      if (now <= until) continue;
      try {
        await files.remove(runFolder(host.folder, runId).path);
      } catch (error) {
        this.#complain("old run folder not removed", error, runId);
        continue;
      }
      journals.close(runId);
      this.#released.delete(runId);
      log("info", "old run folder removed", { run_id: runId });
    }
  }

  #complain(message: string, error: unknown, runId?: string): void {
    const text = error instanceof Problem ? error.message : reasonOf(error);
    this.#needs.log("warn", message, {
      error: text,
      ...(runId === undefined ? {} : { run_id: runId }),
    });
  }
}
