/** A table of commands that parses like the real one and does nothing. */

import { buildRouteMap } from "@stricli/core";
import { type CliTools, runCli } from "../../../lib/cli/application.ts";
import type { CliContext } from "../../../lib/cli/command.ts";
import { isMap, type Table, type Target } from "../../../tools/docs/command_targets.ts";
import { capturedTerminal } from "./terminal.ts";

/** Types a line whose first word is the program's name; answers its exit code and its remarks. */
export async function typed<TOOLS extends CliTools>(
  line: string,
  table: Table<TOOLS>,
): Promise<{ readonly line: string; readonly code: number; readonly noted: readonly string[] }> {
  const [name = "", ...words] = line.split(/\s+/);
  const terminal = capturedTerminal();
  // Nothing that is behind a command is called, so nothing else is asked of the tools.
  const tools = { terminal, stop: new AbortController().signal } as unknown as TOOLS;
  const code = await runCli({ name, version: "0", routes: withoutCode(table) }, words, tools);
  return { line, code, noted: terminal.noted };
}

function withoutCode<TOOLS>(map: Table<TOOLS>): Table<TOOLS> {
  const entries = map.getAllEntries().map(({ name, target }): [string, Target<TOOLS>] => [
    name.original,
    isMap(target) ? withoutCode(target) : { ...target, loader: () => Promise.resolve(() => {}) },
  ]);
  return buildRouteMap<string, CliContext<TOOLS>>({
    docs: { brief: map.brief },
    routes: Object.fromEntries(entries),
  });
}

/** Every flag of every command below, as it is typed. */
export function flagsOf<TOOLS>(table: Table<TOOLS>): readonly string[] {
  return table.getAllEntries().flatMap(({ target }) =>
    isMap<TOOLS>(target) ? flagsOf(target) : Object.keys(target.parameters.flags ?? {}).map(kebab)
  );
}

const kebab = (name: string): string =>
  `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
