/** Parses command lines like the real programs, without running the commands. */

import { buildRouteMap } from "@stricli/core";
import { type CliTools, runCli } from "../../../lib/cli/application.ts";
import type { CliContext } from "../../../lib/cli/command.ts";
import { isMap, type Table, type Target } from "../../../tools/docs/command_targets.ts";
import { capturedTerminal } from "./terminal.ts";

/** Runs a command line, whose first word is the program's name. Returns the exit code and the stderr lines. */
export async function typed<TOOLS extends CliTools>(
  line: string,
  table: Table<TOOLS>,
): Promise<{ readonly line: string; readonly code: number; readonly noted: readonly string[] }> {
  const [name = "", ...words] = line.split(/\s+/);
  const terminal = capturedTerminal();
  // The commands have no code, so that nothing uses the other tools.
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

/** Lists the flags of all commands of a table, with their dashes. */
export function flagsOf<TOOLS>(table: Table<TOOLS>): readonly string[] {
  return table.getAllEntries().flatMap(({ target }) =>
    isMap<TOOLS>(target) ? flagsOf(target) : Object.keys(target.parameters.flags ?? {}).map(kebab)
  );
}

const kebab = (name: string): string =>
  `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
