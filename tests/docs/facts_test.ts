/** Facts in the documentation that must match the code, such as paths and exit codes. */

import assert from "node:assert/strict";
import { ENDPOINTS } from "../../boundary/policy.ts";
import { EXIT_CODES } from "../../lib/problems/problem.ts";
import { foldersIn, inlineCode, isThere, pageAt, PAGES, readText } from "./support/pages.ts";

/** Paths in a host's folder, and build output. A clone does not have them. */
const NOT_IN_A_CLONE = /^(?:agent_config|agents|agent_runs|files|\.bigeye|dist)\//;

Deno.test("every path of the project that the documentation names exists", () => {
  const named = PAGES.flatMap((page) =>
    inlineCode(page)
      .filter((code) => /^([\w.-]+(?:\/[\w.-]*)+|[\w-]+\.tsx?)$/.test(code))
      .map((path) => ({ page: page.path, path }))
  ).filter(({ path }) => !NOT_IN_A_CLONE.test(path) && !path.startsWith("./"));
  assert(named.length > 0);
  assert.deepEqual(named.filter(({ path }) => !isThere(path)), []);
});

Deno.test("the documented exit codes are those of the program", () => {
  const { text } = pageAt("docs/operate/exit-codes.md");
  const rows = [...text.matchAll(/^\| (\d+) +\| (\w+) +\|/gm)]
    .map(([, code, name]) => [name, Number(code)]);
  assert.deepEqual(Object.fromEntries(rows), EXIT_CODES);
});

Deno.test("the documented number of calls that the socket proxy allows is that of the policy", () => {
  const texts = [...PAGES.map(({ text }) => text), readText("docs/images/overview.svg")];
  const told = texts.flatMap((
    text,
  ) => [...text.matchAll(/\b(\d+|thirteen) (?:calls|endpoints)\b/g)])
    .map(([, count = ""]) => count === "thirteen" ? 13 : Number(count));
  assert(told.length > 2);
  assert.deepEqual(told.filter((count) => count !== ENDPOINTS.length), []);
});

Deno.test("the architecture page has a line for every room, also those of the control plane", () => {
  const { text } = pageAt("docs/develop/architecture.md");
  const rooms = [...foldersIn("."), ...foldersIn("control_plane")]
    .map((path) => path.replace(/^\.\//, ""));
  assert.deepEqual(rooms.filter((room) => !text.includes(`| \`${room}/\``)), []);
});
