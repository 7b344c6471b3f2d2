/** The wording of errors, and the files that create them. */

import assert from "node:assert/strict";
import type { Problem } from "../../lib/problems/problem.ts";
import { sampleProblems } from "./sample_problems.ts";
import { productFiles, textOf } from "./source_files.ts";

/** Texts that the original product documents word for word, and which may therefore break our rules. */
const DOCUMENTED = ["Docker Compose mode is not enabled", "Host is already registered"];

Deno.test("only the catalogue creates Problems", () => {
  const wrong = productFiles().filter((path) =>
    !path.startsWith("lib/problems/") &&
    textOf(path).includes("new Problem(")
  );
  assert.deepEqual(wrong, []);
});

Deno.test("every message says what cannot be done, and every hint is an instruction", async () => {
  const complaints = (await sampleProblems()).flatMap(({ place, problem }) =>
    grammarOf(problem).map((complaint) => `${place}: ${complaint}`)
  );
  assert.deepEqual(complaints, []);
});

function grammarOf({ code, message, hint }: Problem): string[] {
  const complaints: string[] = [];
  const documented = DOCUMENTED.some((text) => message.startsWith(text));
  if (!/^[a-z][a-z0-9_]*$/.test(code)) complaints.push(`code "${code}" is not snake_case`);
  if (!documented && !message.startsWith("Cannot ")) complaints.push(`"${message}" lacks "Cannot"`);
  if (/[.!]$/.test(message)) complaints.push(`"${message}" ends with a period`);
  if (/\b(can't|don't|isn't|won't|doesn't)\b/.test(message + hint)) complaints.push("contraction");
  if (!/^[A-Z]/.test(hint)) complaints.push(`hint "${hint}" is not an instruction`);
  return complaints;
}
