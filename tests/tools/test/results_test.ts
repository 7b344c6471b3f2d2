import assert from "node:assert/strict";
import { closingLine, parseResults, sum } from "../../../tools/test/results.ts";

Deno.test("passed and failed tests are counted, and skipped ones are named", () => {
  const output = [
    "running 3 tests from ./a_test.ts",
    "a ... ok (2ms)",
    "b (skipped: no browser) ... ignored (0ms)",
    "c ... FAILED (0ms)",
    "",
    " ERRORS ",
    "",
    "c => ./a_test.ts:9:6",
    "error: Error: no c",
    "",
    " FAILURES ",
    "",
    "c => ./a_test.ts:9:6",
    "",
    "FAILED | 1 passed (1 step) | 2 failed | 1 ignored (1 step) (98ms)",
    "",
  ].join("\n");
  assert.deepEqual(parseResults(output, 1), {
    passed: 1,
    failed: 2,
    skipped: ["b (skipped: no browser)"],
    failures: ["c => ./a_test.ts:9:6\nerror: Error: no c"],
  });
});

Deno.test("a skipped step is not counted, because it is part of its test", () => {
  const output =
    "  s ... ignored (0ms)\na ... ok (2ms)\n\nok | 1 passed (1 step) | 0 failed (9ms)\n";
  assert.deepEqual(parseResults(output, 0), {
    passed: 1,
    failed: 0,
    skipped: [],
    failures: [],
  });
});

Deno.test("a nonzero exit code without a failed test counts as one failure", () => {
  const summary = "ok | 4 passed | 0 failed (9ms)\n";
  assert.deepEqual(parseResults(summary, 1), {
    passed: 4,
    failed: 1,
    skipped: [],
    failures: ["deno test ended with 1: ok | 4 passed | 0 failed (9ms)"],
  });
});

Deno.test("output without a summary counts as one failure with any exit code", () => {
  assert.deepEqual(parseResults("error: Type checking failed.\n", 1).failed, 1);
  assert.deepEqual(parseResults("", 0).failed, 1);
});

Deno.test("the closing line has the totals of all runs", () => {
  const total = sum([
    { passed: 4, failed: 0, skipped: ["x"], failures: [] },
    { passed: 1, failed: 2, skipped: [], failures: ["y"] },
  ]);
  assert.equal(closingLine(total), "5 passed, 2 failed, 1 skipped");
});
