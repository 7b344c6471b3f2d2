/** Releases runs, containers and folders that Bigeye no longer waits for. */

import { LABELS } from "../../lib/contract/container.ts";
import { Problem, reasonOf } from "../../lib/problems/problem.ts";
import { releaseRun } from "./control.ts";
import { isUnfinished, type JournalRecord, runFolder } from "./journal.ts";
import type { RunNeeds } from "./run.ts";

const INTERVAL_MS = 60_000;
/** Shorter, because new runs are deferred while a run is unattended. */
const UNATTENDED_INTERVAL_MS = 5_000;
/**
 * How long a released run keeps its folder, with its `output.log` and the journal that refuses a
 * replayed order. The folder also stays until the order has expired.
 */
const KEEP_MS = 14 * 24 * 3_600_000;

/** Remembers which runs are released, so that each journal of an old host is read only once. */
export class Reconciler {
  readonly #needs: RunNeeds;
  /** Run id → when its folder may be removed, in milliseconds since 1970. */
  readonly #released = new Map<string, number>();

  constructor(needs: RunNeeds) {
    this.#needs = needs;
  }

  /**
   * Finds the runs that an earlier process began, before any order is taken. Resolves with the ids of
   * those that are not released.
   *
   * @throws the signal's reason on abort, and nothing else.
   */
  async findUnattended(signal: AbortSignal): Promise<readonly string[]> {
    const { active, journals, log } = this.#needs;
    const found: string[] = [];
    try {
      for (const runId of await journals.runIds()) {
        signal.throwIfAborted();
        if (await this.#noteUnattended(runId)) found.push(runId);
      }
    } catch (error) {
      signal.throwIfAborted();
      this.#warn("could not look for earlier runs", error);
    }
    const { size } = active.unattended;
    if (size > 0) log("info", "taking up earlier runs first", { runs: size });
    return found;
  }

  /**
   * Reconciles now and then every 60 s, and checks unattended runs every 5 s, until the signal aborts.
   * A failure is logged and retried in the next round.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#needs;
    let due = -Infinity;
    while (!signal.aborted) {
      const isDue = clock.monotonic() >= due;
      if (isDue) due = clock.monotonic() + INTERVAL_MS;
      try {
        await (isDue ? this.reconcile(signal) : this.#releaseUnattended(signal));
      } catch (error) {
        if (!signal.aborted) this.#warn("could not reconcile, retrying", error);
      }
      await clock.sleep(UNATTENDED_INTERVAL_MS, signal).catch(() => {});
    }
  }

  async reconcile(signal: AbortSignal): Promise<void> {
    await this.#releaseUnattended(signal);
    await this.#releaseClosed(signal);
    await this.#releaseContainers(signal);
    await this.#removeOldFolders();
  }

  /** Resolves with whether the run is not released. */
  async #noteUnattended(runId: string): Promise<boolean> {
    try {
      const { record } = await this.#needs.journals.open(runId);
      if (record.released_at !== undefined) {
        this.#noteReleased(runId, record);
        return false;
      }
      if (isUnfinished(record)) this.#needs.active.addUnattended(runId);
      return true;
    } catch (error) {
      this.#warn("could not check run", error, runId);
      return false;
    }
  }

  /** In parallel: each release may take the grace of a stop, and new runs wait for all of them. */
  async #releaseUnattended(signal: AbortSignal): Promise<void> {
    const { unattended } = this.#needs.active;
    await Promise.all([...unattended].map((runId) => this.#releaseIfClosed(runId, signal)));
  }

  /** Runs whose workflow ended while this host was down. Their `releaseRun` never comes. */
  async #releaseClosed(signal: AbortSignal): Promise<void> {
    const { active, journals } = this.#needs;
    for (const runId of await journals.runIds()) {
      signal.throwIfAborted();
      if (active.has(runId) || active.unattended.has(runId) || this.#released.has(runId)) continue;
      try {
        await this.#releaseOrNote(runId, signal);
      } catch (error) {
        // The failure of one run must not keep the others from being checked.
        if (!signal.aborted) this.#warn("could not check run", error, runId);
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
  async #releaseContainers(signal: AbortSignal): Promise<void> {
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
      // Even when the release fails: the run gets no further attempt, and new runs wait for it.
      await releaseRun(this.#needs, runId, signal).finally(() => active.removeUnattended(runId));
    } catch (error) {
      if (!signal.aborted) this.#warn("could not release run, retrying", error, runId);
    }
  }

  async #removeOldFolders(): Promise<void> {
    const { files, host, clock, journals, log } = this.#needs;
    const now = clock.now().getTime();
    for (const [runId, until] of this.#released) {
      if (now <= until) continue;
      try {
        await files.remove(runFolder(host.folder, runId).path);
      } catch (error) {
        this.#warn("could not remove old run folder", error, runId);
        continue;
      }
      journals.close(runId);
      this.#released.delete(runId);
      log("info", "old run folder removed", { run_id: runId });
    }
  }

  #warn(message: string, error: unknown, runId?: string): void {
    const text = error instanceof Problem ? error.message : reasonOf(error);
    this.#needs.log("warn", message, {
      error: text,
      ...(runId === undefined ? {} : { run_id: runId }),
    });
  }
}
