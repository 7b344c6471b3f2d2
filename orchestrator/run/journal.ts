/** A run's folder on its host, and the journal in it: what was begun, so that nothing is begun twice or forgotten. */

import * as v from "valibot";
import { RunOrderSchema } from "../../lib/contract/dispatch.ts";
import { PhaseStampSchema, RunOutcomeSchema } from "../../lib/contract/run.ts";
import type { Clock, Files, Log } from "../../lib/ports.ts";
import { reasonOf } from "../../lib/problems/problem.ts";

/** Times are ISO 8601 UTC, by the host's clock. */
const JournalSchema = v.object({
  /** Absent when the host got a cancel or a release of a run that it has not seen. */
  order: v.optional(RunOrderSchema),
  phases: v.array(PhaseStampSchema),
  /** The last attempt that took the run: its task token at Temporal, for a process that comes after ours. */
  attempt: v.optional(v.object({
    task_token: v.string(),
    /** Tells this machine from a clone of it. */
    machine_started_at: v.string(),
  })),
  /** The `spec` label of the container that was to be made for this run. */
  spec: v.optional(v.string()),
  container_id: v.optional(v.string()),
  /** Set before the engine is asked to start the container. After that, a missing container is lost. */
  start_requested_at: v.optional(v.string()),
  cancel_requested_at: v.optional(v.string()),
  /** Set once the engine took our SIGTERM, so that the exit after it counts as a stop. */
  stopped: v.optional(v.object({
    reason: v.picklist(["run_limit", "canceled_by_user"]),
    at: v.string(),
  })),
  outcome: v.optional(RunOutcomeSchema),
  /** Bigeye has the outcome on record. Only the run's files are left on the host. */
  released_at: v.optional(v.string()),
});
export type JournalRecord = v.InferOutput<typeof JournalSchema>;

/** Whether the journal shows nothing that was done for the run. */
export function isFresh({ order, start_requested_at }: JournalRecord): boolean {
  return order === undefined && start_requested_at === undefined;
}

/** Whether the run was begun and has no outcome yet. */
export function isUnfinished(record: JournalRecord): boolean {
  return !isFresh(record) && record.outcome === undefined && record.released_at === undefined;
}

export interface RunFolder {
  readonly path: string;
  /** The journal. It is outside the mounted folder: an agent that could write it could forge its end. */
  readonly journal: string;
  /** The agent's output, one line each: engine timestamp, `out` or `err`, text. Not mounted either. */
  readonly output: string;
  /** The agent's own folder, mounted at `/bigeye/run`. */
  readonly files: string;
}

const runsFolder = (hostFolder: string): string => `${hostFolder}/agent_runs`;

export function runFolder(hostFolder: string, runId: string): RunFolder {
  const path = `${runsFolder(hostFolder)}/${runId}`;
  return {
    path,
    journal: `${path}/run.json`,
    output: `${path}/output.log`,
    files: `${path}/files`,
  };
}

/** One run's journal. Changes apply to memory at once and reach the disk one after the other. */
export class Journal {
  readonly #save: (record: JournalRecord) => Promise<void>;
  #record: JournalRecord;
  #saved: Promise<void> = Promise.resolve();

  constructor(record: JournalRecord, save: (record: JournalRecord) => Promise<void>) {
    this.#record = record;
    this.#save = save;
  }

  get record(): JournalRecord {
    return this.#record;
  }

  /** Changes the record in memory. The next {@linkcode update} writes it to the disk. */
  note(change: Partial<JournalRecord>): void {
    this.#record = { ...this.#record, ...change };
  }

  /** Changes the record. Resolves once it is on disk, and rejects when it could not be written. */
  update(change: Partial<JournalRecord> = {}): Promise<void> {
    this.note(change);
    this.#saved = this.#saved.catch(() => {}).then(() => this.#save(this.#record));
    return this.#saved;
  }
}

export interface JournalNeeds {
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Log;
  /** The host folder. */
  readonly folder: string;
}

/** The journals of a host. Each open run has exactly one {@linkcode Journal} object. */
export class Journals {
  readonly #needs: JournalNeeds;
  readonly #open = new Map<string, Promise<Journal>>();

  constructor(needs: JournalNeeds) {
    this.#needs = needs;
  }

  /** Opens the run's journal. An unknown run gets an empty one, which is not on disk yet. */
  open(runId: string): Promise<Journal> {
    const known = this.#open.get(runId);
    if (known) return known;
    const opened = this.#read(runId);
    this.#open.set(runId, opened);
    opened.catch(() => this.#open.delete(runId));
    return opened;
  }

  /** Drops the object and keeps the file. Only for a run that no attempt holds. */
  close(runId: string): void {
    this.#open.delete(runId);
  }

  /** Ids of all runs that have a folder. */
  async runIds(): Promise<readonly string[]> {
    const names = await this.#needs.files.list(runsFolder(this.#needs.folder));
    return names.filter((name) => v.is(v.pipe(v.string(), v.uuid()), name));
  }

  async #read(runId: string): Promise<Journal> {
    const { journal: path } = runFolder(this.#needs.folder, runId);
    const bytes = await this.#needs.files.readBytes(path);
    const record = bytes === undefined ? { phases: [] } : await this.#parse(bytes, runId);
    return new Journal(record, (latest) => this.#write(runId, latest));
  }

  async #parse(bytes: Uint8Array, runId: string): Promise<JournalRecord> {
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      return v.parse(JournalSchema, JSON.parse(text));
    } catch (error) {
      const { journal: path } = runFolder(this.#needs.folder, runId);
      const now = this.#needs.clock.now().toISOString();
      const aside = `${path}.damaged-${now.replaceAll(":", "")}`;
      await this.#needs.files.rename(path, aside);
      this.#needs.log("error", "run journal damaged, moved aside", {
        path,
        aside,
        error: reasonOf(error),
      });
      // Its container may have run. Recording a start keeps the order from being run twice.
      const record = { phases: [], start_requested_at: now };
      await this.#write(runId, record);
      return record;
    }
  }

  async #write(runId: string, record: JournalRecord): Promise<void> {
    const { path, journal, files: agentFiles } = runFolder(this.#needs.folder, runId);
    const { files } = this.#needs;
    const text = `${JSON.stringify(record, null, 2)}\n`;
    try {
      await files.writeText(journal, text);
    } catch (error) {
      if (await files.stat(path)) throw error;
      await files.makeDir(agentFiles);
      await files.writeText(journal, text);
    }
  }
}
