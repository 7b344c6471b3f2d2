/** The store's file, read as a stranger would: what is in it, and whether it is whole. */

import { DatabaseSync } from "node:sqlite";
import * as v from "valibot";

const TextSchema = v.string();
const JobRowSchema = v.object({ id: TextSchema, name: TextSchema, version: v.number() });
const AuditRowSchema = v.object({
  action: TextSchema,
  target_id: TextSchema,
  target_name: TextSchema,
  details: v.pipe(TextSchema, v.parseJson()),
});
const RunRowSchema = v.object({
  id: TextSchema,
  status: TextSchema,
  ended_at: v.nullable(TextSchema),
  cancel_requested_at: v.nullable(TextSchema),
});

export interface StoredRows {
  readonly runs: readonly v.InferOutput<typeof RunRowSchema>[];
  readonly jobs: readonly v.InferOutput<typeof JobRowSchema>[];
  readonly audit: readonly v.InferOutput<typeof AuditRowSchema>[];
  /** Ids of the keys that somebody has made: the admin's first one comes with the user. */
  readonly keys: readonly string[];
  /** What SQLite itself finds fault with. */
  readonly faults: readonly string[];
}

/** Reads it all, of a store that no process has open. @throws on a row of no known form. */
export function storedRows(database: string): StoredRows {
  const store = new DatabaseSync(database, { readOnly: true });
  try {
    const rowsOf = (text: string) => store.prepare(text).all();
    const read = <S extends v.GenericSchema>(schema: S, text: string) =>
      v.parse(v.array(schema), rowsOf(text));
    return {
      runs: read(RunRowSchema, "select * from runs"),
      jobs: read(JobRowSchema, "select * from jobs"),
      audit: read(AuditRowSchema, "select * from audit"),
      keys: read(v.object({ id: TextSchema }), "select id from api_keys where name <> 'admin'").map(
        ({ id }) => id,
      ),
      faults: [
        ...rowsOf("pragma integrity_check").map((row) => String(row["integrity_check"]))
          .filter((finding) => finding !== "ok"),
        ...rowsOf("pragma foreign_key_check").map((row) => JSON.stringify(row)),
      ],
    };
  } finally {
    store.close();
  }
}

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
