/**
 * Reads and describes messages in proto3 JSON (protobuf.dev, "ProtoJSON Format"). A reader takes what the
 * format allows: snake_case names, enums by number, 64-bit integers as strings or numbers, null as absent.
 */

import * as v from "valibot";

/** A 64-bit integer as decimal digits, because a JSON number loses precision beyond 2^53. */
export const Int64Schema = v.pipe(
  v.union([v.string(), v.number()]),
  v.transform(String),
  v.string(),
  v.regex(/^-?\d{1,19}$/, "must be a 64-bit integer"),
);

/** Seconds since 1970, UTC, as the wire has them. */
export const epochSeconds = (instant: string): string =>
  String(Math.floor(Date.parse(instant) / 1_000));

/**
 * An enum whose names are listed in the order of their numbers, from 0. Output is the name. A value
 * that is not listed comes from a newer peer and stays as it is.
 */
export function protoEnum(names: readonly string[]): v.GenericSchema<string | number, string> {
  return v.pipe(
    v.union([v.string(), v.number()]),
    v.transform((value) => typeof value === "number" ? names[value] ?? String(value) : value),
    v.string(),
  );
}

/**
 * Renames the fields of a parsed JSON value from snake_case to the schema's own names, and drops a null
 * that a field does not take. Other names stay, because only a schema decides whether a field is unknown.
 */
export function withJsonNames(schema: v.GenericSchema, value: unknown): unknown {
  if (Array.isArray(value)) {
    const item = childOf(schema, "item");
    return item ? value.map((one) => withJsonNames(item, one)) : value;
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = entriesOf(schema);
  if (!entries) return value;
  const named = Object.entries(value).flatMap(([name, field]): [string, unknown][] => {
    const known = Object.hasOwn(entries, name) ? name : camelCase(name);
    const inner = Object.hasOwn(entries, known) ? entries[known] : undefined;
    if (!inner) return [[name, field]];
    return field === null && !v.is(inner, null) ? [] : [[known, withJsonNames(inner, field)]];
  });
  return Object.fromEntries(named);
}

const camelCase = (name: string): string =>
  name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

type Entries = Readonly<Record<string, v.GenericSchema>>;

/** Looks through optional fields and pipes. */
function entriesOf(schema: v.GenericSchema): Entries | undefined {
  if ("entries" in schema) return schema.entries as Entries;
  const wrapped = childOf(schema, "wrapped");
  return wrapped && entriesOf(wrapped);
}

function childOf(schema: v.GenericSchema, key: "item" | "wrapped"): v.GenericSchema | undefined {
  if (key in schema) return (schema as unknown as Record<string, v.GenericSchema>)[key];
  if (key === "item" && "wrapped" in schema) return childOf(schema.wrapped as v.GenericSchema, key);
  return undefined;
}
