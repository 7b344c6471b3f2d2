/** Measured figures: each table says with which command, when and on which machine. */

import assert from "node:assert/strict";
import { pageAt } from "./support/pages.ts";

/** The paragraph before a table, such as "Measured: `./dev bench`, 2026-11-21, on 2 cores, 24 GB, …". */
const MEASURED =
  /^Measured: `\.\/dev [^`]+`(?: and `\.\/dev [^`]+`)*, \d{4}-\d\d-\d\d, on \d+ cores, \d+ GB, \S+/;

Deno.test("the paragraph before each table of figures names the command, date and machine", () => {
  const paragraphs = pageAt("docs/develop/benchmarks.md").text.split("\n\n");
  const before = paragraphs.flatMap((text, index) =>
    text.startsWith("|") ? [paragraphs[index - 1]?.replaceAll("\n", " ") ?? ""] : []
  );
  assert(before.length > 0);
  assert.deepEqual(before.filter((text) => !MEASURED.test(text)), []);
});
