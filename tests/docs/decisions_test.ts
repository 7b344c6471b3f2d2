/** The records of decisions: their numbers, index and parts. */

import assert from "node:assert/strict";
import { pageAt, PAGES } from "./support/pages.ts";

const RECORDS = PAGES.filter(({ path }) => /^docs\/decisions\/\d/.test(path));
const PARTS = ["Context", "Decision", "Consequences", "What would change our mind"];

Deno.test("decisions are numbered from 1 without a gap, and the index lists them in order", () => {
  const numbers = RECORDS.map(({ path }) => Number(/\/(\d{4})-[a-z0-9-]+\.md$/.exec(path)?.[1]));
  assert.deepEqual(numbers, RECORDS.map((_, index) => index + 1));
  const { text } = pageAt("docs/decisions/README.md");
  const listed = [...text.matchAll(/^(\d+)\. \[(.+)\]\((.+)\)$/gm)]
    .map(([, number, title, file]) => [`docs/decisions/${file}`, `# ${number}. ${title}`]);
  assert.deepEqual(listed, RECORDS.map(({ path, text }) => [path, text.split("\n")[0]]));
});

for (const { path, text } of RECORDS) {
  Deno.test(`${path} has its five parts`, () => {
    assert.match(text, /^# .+\n\nDate: \d{4}-\d\d-\d\d/);
    assert.deepEqual([...text.matchAll(/^## (.+)$/gm)].map(([, part]) => part), PARTS);
  });
}
