/** The evidence of a kill test: the rows in the database, and the answers that callers got. */

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
  /** Ids of the created keys, without the first key of the admin. */
  readonly keys: readonly string[];
  /** Faults that SQLite finds. */
  readonly faults: readonly string[];
}

/** Reads a database that no process has open. @throws on a row of unknown form. */
export function readRows(database: string): StoredRows {
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
  /** Runs whose trigger was acknowledged. Callers repeat it until it is, so that there are no others. */
  readonly triggered: Set<string>;
  /** Runs whose cancel was sent. */
  readonly cancelsSent: Set<string>;
  /** Runs whose cancel was acknowledged. */
  readonly cancelsAccepted: Set<string>;
  /** The names that each job was given, in order. */
  readonly names: Map<string, string[]>;
  /** Keys that were created and removed. */
  readonly keysRemoved: Set<string>;
  /** Answers that are wrong in themselves. */
  readonly wrongAnswers: string[];
}

export const emptyLedger = (): Ledger => ({
  triggered: new Set(),
  cancelsSent: new Set(),
  cancelsAccepted: new Set(),
  names: new Map(),
  keysRemoved: new Set(),
  wrongAnswers: [],
});
