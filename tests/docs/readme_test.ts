/** The README is short, and each thing that it promises links the test that shows it. */

import assert from "node:assert/strict";
import { isThere, pageAt } from "./support/pages.ts";

const README = pageAt("README.md");
const MOST_LINES = 150;

Deno.test(`the README has at most ${MOST_LINES} lines`, () => {
  assert(README.text.split("\n").length - 1 <= MOST_LINES);
});

Deno.test("each guarantee of the README links a test", () => {
  const [, section = ""] = /^## What is guaranteed\n([^]*?)^## /m.exec(README.text) ?? [];
  const guarantees = section.split(/^- /m).slice(1).map((text) => text.split("\n\n")[0] ?? "");
  assert(guarantees.length > 5);
  const linked = guarantees.map((text) => ({
    text,
    tests: [...text.matchAll(/\]\((tests\/[^)]+\.ts)\)/g)].map(([, path = ""]) => path),
  }));
  assert.deepEqual(linked.filter(({ tests }) => tests.length === 0 || !tests.every(isThere)), []);
});
