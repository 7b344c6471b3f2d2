/** The table of commands: each says what it does and shows two lines that work. */

import assert from "node:assert/strict";
import type { Command, RouteMap } from "@stricli/core";
import { routes } from "../../commands/mod.ts";
import type { Tools } from "../../commands/context.ts";
import { runCli } from "../../lib/cli/application.ts";
import { EXAMPLES_HEADING } from "../../lib/cli/command.ts";
import { type Context, isMap, withoutCode } from "../fakes/routes.ts";
import { capturedTerminal } from "../fakes/terminal.ts";

/** Every command, with the words that lead to it. */
function commandsOf(map: RouteMap<Context>, path: readonly string[] = ["bigeye-agent"]) {
  return map.getAllEntries().flatMap(({ name, target }): [string, Command<Context>][] => {
    const here = [...path, name["convert-camel-to-kebab"]];
    return isMap(target) ? commandsOf(target, here) : [[here.join(" "), target]];
  });
}

const ALL = commandsOf(routes);

Deno.test("the documented commands are there", () => {
  assert.deepEqual(ALL.map(([path]) => path).toSorted(), [
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

for (const [path, command] of ALL) {
  const text = command.fullDescription ?? "";
  const examples = text.slice(text.indexOf(EXAMPLES_HEADING)).split("\n").slice(1)
    .map((line) => line.trim());

  Deno.test(`${path} has a brief and two examples that parse`, async () => {
    assert.match(command.brief, /^[A-Z].*[^.]$/);
    assert(examples.length >= 2);
    const program = { name: "bigeye-agent", version: "0", routes: withoutCode(routes) };
    for (const example of examples) {
      assert(example.startsWith(path), example);
      const terminal = capturedTerminal();
      const tools = { terminal, stop: new AbortController().signal } as unknown as Tools;
      const code = await runCli(program, example.split(" ").slice(1), tools);
      assert.deepEqual({ example, code, noted: terminal.noted }, { example, code: 0, noted: [] });
    }
  });
}
