/** What may be a column's value, the same on SQLite and Postgres. */

/**
 * The value as both databases keep it. Neither keeps a NUL within a text (SQLite reads back what is
 * before it, Postgres refuses the whole), so it is replaced as a text that cannot be decoded is. Throws
 * a `TypeError` for all but texts, numbers and null: a Date would silently become NULL on SQLite.
 */
export function boundValue(value: unknown): string | number | null {
  if (typeof value === "string") return value.replaceAll("\0", "\ufffd");
  if (value === null || typeof value === "number") return value;
  throw new TypeError(`a ${typeof value} cannot be a column value`);
}
