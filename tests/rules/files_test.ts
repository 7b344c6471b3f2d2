/** The length and the first line of files. */

import assert from "node:assert/strict";
import { filesBelow, productFiles, textOf } from "./source_files.ts";

const LONGEST_FILE = 250;

Deno.test(`no file is longer than ${LONGEST_FILE} lines`, () => {
  const long = [...productFiles(), ...filesBelow("tests"), ...filesBelow("tools")]
    .map((path) => ({
      path,
      lines: textOf(path).split("\n").length - 1,
    }))
    .filter(({ lines }) => lines > LONGEST_FILE);
  assert.deepEqual(long, []);
});

Deno.test("every product file begins with a comment", () => {
  const silent = productFiles().filter((path) => !textOf(path).startsWith("/**"));
  assert.deepEqual(silent, []);
});
