/** The README is short, and links a test for each guarantee. */

import assert from "node:assert/strict";
import { isThere, pageAt } from "./support/pages.ts";

const README = pageAt("README.md");
const MOST_LINES = 150;

Deno.test(`the README has at most ${MOST_LINES} lines`, () => {
  assert(README.text.split("\n").length - 1 <= MOST_LINES);
});

Deno.test("the README links existing tests for each guarantee", () => {
  const [, section = ""] = /^## What is guaranteed\n([^]*?)^## /m.exec(README.text) ?? [];
  const guarantees = section.split(/^- /m).slice(1).map((text) => text.split("\n\n")[0] ?? "");
  assert(guarantees.length > 5);
  const linked = guarantees.map((text) => ({
    text,
    tests: [...text.matchAll(/\]\((tests\/[^)]+\.ts)\)/g)].map(([, path = ""]) => path),
  }));
  assert.deepEqual(linked.filter(({ tests }) => tests.length === 0 || !tests.every(isThere)), []);
});
