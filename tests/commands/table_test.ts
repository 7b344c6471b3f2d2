/** Every command and group has a brief and at least two examples that work. */

import assert from "node:assert/strict";
import { routes } from "../../commands/mod.ts";
import { ROUTES } from "../../control_plane/commands/table.ts";
import type { CliTools } from "../../lib/cli/application.ts";
import { EXAMPLES_HEADING } from "../../lib/cli/command.ts";
import { type Table, targetsOf } from "../../tools/docs/command_targets.ts";
import { typed } from "../fakes/cli/routes.ts";

Deno.test("bigeye-agent has exactly the documented commands", () => {
  const paths = targetsOf(routes, "bigeye-agent").map(([path]) => path);
  assert.deepEqual(paths.toSorted(), [
    "bigeye-agent",
    "bigeye-agent compose",
    "bigeye-agent compose down",
    "bigeye-agent compose logs",
    "bigeye-agent compose status",
    "bigeye-agent compose up",
    "bigeye-agent compose upgrade",
    "bigeye-agent register",
    "bigeye-agent serve",
    "bigeye-agent socket-proxy",
    "bigeye-agent sync",
  ]);
});

function testTable<TOOLS extends CliTools>(program: string, table: Table<TOOLS>): void {
  for (const [path, target] of targetsOf<TOOLS>(table, program)) {
    const text = target.fullDescription ?? "";
    const examples = text.slice(text.indexOf(EXAMPLES_HEADING)).split("\n").slice(1)
      .map((line) => line.trim());

    Deno.test(`${path} has a brief and two examples that parse`, async () => {
      assert.match(target.brief, /^[A-Z].*[^.]$/);
      assert(text.includes(EXAMPLES_HEADING) && examples.length >= 2);
      for (const line of examples) {
        assert(line.startsWith(path), line);
        assert.deepEqual(await typed(line, table), { line, code: 0, noted: [] });
      }
    });
  }
}

testTable("bigeye-agent", routes);
testTable("bigeye-control-plane", ROUTES);
