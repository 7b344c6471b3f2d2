/** The tables of commands: each command and each group says what it does and shows two lines that work. */

import assert from "node:assert/strict";
import type { RouteMap } from "@stricli/core";
import { routes } from "../../commands/mod.ts";
import { ROUTES } from "../../control_plane/commands.ts";
import type { Tools } from "../../commands/context.ts";
import { runCli } from "../../lib/cli/application.ts";
import { EXAMPLES_HEADING } from "../../lib/cli/command.ts";
import { type Context, isMap, type Target, withoutCode } from "../fakes/routes.ts";
import { capturedTerminal } from "../fakes/terminal.ts";

/** Every command and every group of them, with the words that lead to it. */
function targetsOf(target: Target, path: readonly string[]): [string, Target][] {
  const below = isMap(target) ? target.getAllEntries() : [];
  return [
    [path.join(" "), target],
    ...below.flatMap(({ name, target }) =>
      targetsOf(target, [...path, name["convert-camel-to-kebab"]])
    ),
  ];
}

const AGENT = targetsOf(routes, ["bigeye-agent"]);
/** Only its words are looked at, so that it does not matter which tools its commands take. */
const PLANE_ROUTES = ROUTES as unknown as RouteMap<Context>;
const PLANE = targetsOf(PLANE_ROUTES, ["bigeye-control-plane"]);

Deno.test("the documented commands are there", () => {
  assert.deepEqual(AGENT.map(([path]) => path).toSorted(), [
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

for (const [path, target] of [...AGENT, ...PLANE]) {
  const text = target.fullDescription ?? "";
  const examples = text.slice(text.indexOf(EXAMPLES_HEADING)).split("\n").slice(1)
    .map((line) => line.trim());

  Deno.test(`${path} has a brief and two examples that parse`, async () => {
    assert.match(target.brief, /^[A-Z].*[^.]$/);
    assert(text.includes(EXAMPLES_HEADING) && examples.length >= 2);
    const [name = ""] = path.split(" ");
    const table = name === "bigeye-agent" ? routes : PLANE_ROUTES;
    const program = { name, version: "0", routes: withoutCode(table) };
    for (const example of examples) {
      assert(example.startsWith(path), example);
      const terminal = capturedTerminal();
      const tools = { terminal, stop: new AbortController().signal } as unknown as Tools;
      const code = await runCli(program, example.split(" ").slice(1), tools);
      assert.deepEqual({ example, code, noted: terminal.noted }, { example, code: 0, noted: [] });
    }
  });
}
