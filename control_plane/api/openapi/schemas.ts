/** Converts schemas for the OpenAPI document: named ones by reference, others inline. */

import { toJsonSchema, toJsonSchemaDefs } from "@valibot/to-json-schema";
import type * as v from "valibot";
import { ANSWERS, BODIES, type NamedSchema } from "./named_schemas.ts";

export type Json = Readonly<Record<string, unknown>>;

type Direction = "input" | "output";

const NAMES = { input: { ...ANSWERS, ...BODIES }, output: ANSWERS } as const;

/** `components.schemas`, each with its example. */
export function schemaComponents(): Json {
  return { ...components(ANSWERS, "output"), ...components(BODIES, "input") };
}

function components(named: Readonly<Record<string, NamedSchema>>, direction: Direction): Json {
  const described = toJsonSchemaDefs(schemasOf(named), settings(direction));
  return Object.fromEntries(
    Object.entries(described).map(([name, schema]) => [
      name,
      { ...schema, examples: [named[name]?.example] },
    ]),
  );
}

/** A request or response body: its schema and, for a named schema, its example. */
export function jsonContent(schema: v.GenericSchema, direction: Direction): Json {
  const known = Object.values<NamedSchema>(NAMES[direction])
    .find((named) => named.schema === schema);
  return contentOf({
    schema: schemaIn(schema, direction),
    ...(known ? { example: known.example } : {}),
  });
}

export const contentOf = (media: Json): Json => ({ content: { "application/json": media } });

/** Removes the keywords of a standalone JSON Schema document. */
function schemaIn(schema: v.GenericSchema, direction: Direction): Json {
  const definitions = schemasOf(NAMES[direction]);
  const { $schema: _, $defs: __, ...described } = toJsonSchema(schema, {
    ...settings(direction),
    definitions,
  });
  return described;
}

export const referenceTo = (name: keyof typeof ANSWERS | keyof typeof BODIES): Json => ({
  $ref: `#/components/schemas/${name}`,
});

function schemasOf(
  named: Readonly<Record<string, NamedSchema>>,
): Record<string, v.GenericSchema> {
  return Object.fromEntries(Object.entries(named).map(([name, { schema }]) => [name, schema]));
}

/** OpenAPI 3.1 uses JSON Schema 2020-12; checks that it cannot express are omitted. */
function settings(typeMode: Direction) {
  return {
    target: "draft-2020-12",
    typeMode,
    errorMode: "ignore",
    overrideRef: ({ referenceId }: { referenceId: string }) =>
      `#/components/schemas/${referenceId}`,
  } as const;
}
