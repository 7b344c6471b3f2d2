/** What was asked for and what was promised, written down by those who asked. */

export interface Ledger {
  /** Runs whose trigger was acknowledged. Callers ask until it is, so there are no others. */
  readonly triggered: Set<string>;
  /** Runs of which somebody has asked the cancel, and those where that was acknowledged. */
  readonly cancelsAsked: Set<string>;
  readonly cancelsTaken: Set<string>;
  /** By job, the names that it was given, in order. */
  readonly names: Map<string, string[]>;
  /** Keys that were made and removed again. */
  readonly keysRemoved: Set<string>;
  /** Answers that a caller should not have got. */
  readonly wrong: string[];
}

export const emptyLedger = (): Ledger => ({
  triggered: new Set(),
  cancelsAsked: new Set(),
  cancelsTaken: new Set(),
  names: new Map(),
  keysRemoved: new Set(),
  wrong: [],
});
