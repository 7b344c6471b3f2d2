/** How long a file may be, and how it opens. */

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

Deno.test("every product file opens with a line that says why it exists", () => {
  const silent = productFiles().filter((path) => !textOf(path).startsWith("/**"));
  assert.deepEqual(silent, []);
});
