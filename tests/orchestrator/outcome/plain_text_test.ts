import assert from "node:assert/strict";
import { plainText } from "../../../orchestrator/outcome/plain_text.ts";

Deno.test("what only a terminal obeys is taken out, in whole sequences", () => {
  const cases: readonly [string, string][] = [
    ["\x1b[1;31mred\x1b[0m", "red"],
    ["a\x1b[38:2::1:2:3mb\x9b0mc", "abc"],
    ["see \x1b]8;;http://x\x1b\\link\x1b]8;;\x07 here", "see link here"],
    ["\x1b(Bplain\x1b=\x1bM", "plain"],
    ["\x1bPq#0\x1b\\after", "after"],
    ["cut \x1b[3", "cut 3"],
    ["cut \x1b]0;title\nnext", "cut 0;title\nnext"],
    ["tab\tand\nline\r\x00\x07\x7f\x85", "tab\tand\nline"],
  ];
  for (const [text, expected] of cases) assert.equal(plainText(text), expected);
});

Deno.test("a long output that opens many sequences and ends none is read in one go", () => {
  assert.equal(plainText(`${"\x1b]".repeat(200_000)}end`), "end");
});
