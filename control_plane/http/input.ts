/** Checks what a caller sent against its schema; what is wrong is told with the path of each field. */

import * as v from "valibot";
import { inputInvalid } from "../../lib/problems/rest.ts";

/** Throws `invalid_input`. */
export function checked<SCHEMA extends v.GenericSchema>(
  schema: SCHEMA,
  input: unknown,
): v.InferOutput<SCHEMA> {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  throw inputInvalid(result.issues.map((issue) => {
    const path = v.getDotPath(issue);
    return { ...(path === null ? {} : { path }), message: wordsFor(issue) };
  }));
}

/** Our own messages say what must be; the library's begin with "Invalid" and name types. */
function wordsFor({ message, expected, received }: v.BaseIssue<unknown>): string {
  if (!message.startsWith("Invalid")) return message;
  if (received === "undefined") return "is missing";
  if (expected === "never") return "is not a known field";
  if (expected === null) return "is not valid";
  return `must be ${expected === "Object" ? "an object" : expected.replaceAll(/[()]/g, "")}`;
}
