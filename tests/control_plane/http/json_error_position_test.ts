/** The position of a JSON error, against the engine's own verdict on what is JSON. */

import assert from "node:assert/strict";
import { jsonErrorPosition } from "../../../control_plane/http/json_error_position.ts";

const BROKEN: readonly (readonly [text: string, position: number])[] = [
  ["", 0],
  ["nope", 0],
  ['{"a":x}', 5],
  ['{"a":1,}', 7],
  ['{"a" 1}', 5],
  ["[1,2", 4],
  ["[1 2]", 3],
  ["[,1]", 1],
  ["{a:1}", 1],
  ['{"a":1]', 6],
  ['{"a":1}}', 7],
  ["01", 1],
  ['"a\nb"', 0],
  ['["\\x"]', 1],
  ["]", 0],
  ["{]", 1],
  ["[:]", 1],
  ["1,2", 1],
];

Deno.test("the first token that does not belong is found", () => {
  for (const [text, position] of BROKEN) {
    assert.throws(() => JSON.parse(text));
    assert.deepEqual([text, jsonErrorPosition(text)], [text, position]);
  }
});

Deno.test("deep nesting does not exhaust the stack", () => {
  assert.equal(jsonErrorPosition("[".repeat(1_000_000)), 1_000_000);
});
