/** Exports the audit list as CSV for spreadsheets or JSON lines for programs. */

import type { AuditEntry } from "../../lib/contract/audit.ts";
import type { AuditFilter, AuditStore } from "../store/audit.ts";

export const EXPORT_FORMATS = ["csv", "jsonl"] as const;
export type ExportFormat = typeof EXPORT_FORMATS[number];

/** CSV: RFC 4180. JSON lines have no registered media type. */
export const EXPORT_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: "text/csv",
  jsonl: "application/jsonl",
};

const PAGE = 500;

/** Yields the matching entries as text, newest first, reading a page at a time. */
export async function* auditExport(
  audit: AuditStore,
  { format, ...filter }: Omit<AuditFilter, "cursor" | "limit"> & { readonly format: ExportFormat },
): AsyncGenerator<string, void> {
  if (format === "csv") yield csvLine(COLUMNS.map(([name]) => name));
  let cursor: string | undefined;
  do {
    const page = await audit.list({ ...filter, cursor, limit: PAGE });
    const lines = page.entries.map(format === "csv" ? csvOf : jsonOf);
    if (lines.length > 0) yield lines.join("");
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
}

const COLUMNS: readonly (readonly [name: string, of: (entry: AuditEntry) => string | null])[] = [
  ["at", ({ at }) => at],
  ["actor", ({ actor }) => actor.name],
  ["action", ({ action }) => action],
  ["target_kind", ({ target }) => target.kind],
  ["target_name", ({ target }) => target.name],
  ["target_id", ({ target }) => target.id],
  ["from", ({ actor }) => actor.from],
  ["actor_user_id", ({ actor }) => actor.user_id],
  ["actor_key_id", ({ actor }) => actor.key_id],
  ["details", ({ details }) => JSON.stringify(details)],
  ["id", ({ id }) => id],
];

const jsonOf = (entry: AuditEntry): string => `${JSON.stringify(entry)}\n`;

const csvOf = (entry: AuditEntry): string => csvLine(COLUMNS.map(([, of]) => of(entry) ?? ""));

const csvLine = (cells: readonly string[]): string => `${cells.map(csvCell).join(",")}\r\n`;

/** A cell that a spreadsheet would run as a formula (OWASP, "CSV Injection"), including full-width forms. */
const FORMULA = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/;

/** Quotes every cell, so that no content ends it; an apostrophe turns a formula into text. */
function csvCell(text: string): string {
  const plain = FORMULA.test(text) ? `'${text}` : text;
  return `"${plain.replaceAll('"', '""')}"`;
}
