/** Walks a table of commands: every command and every group. */

import type { Command, RouteMap } from "@stricli/core";
import type { CliContext } from "../../lib/cli/command.ts";

export type Table<TOOLS> = RouteMap<CliContext<TOOLS>>;
export type Target<TOOLS> = Command<CliContext<TOOLS>> | Table<TOOLS>;

export function isMap<TOOLS>(target: Target<TOOLS>): target is Table<TOOLS> {
  return "getAllEntries" in target;
}

/** Lists all targets with their full names, such as `bigeye-agent compose up`; a group before its commands. */
export function targetsOf<TOOLS>(target: Target<TOOLS>, path: string): [string, Target<TOOLS>][] {
  const below = isMap(target) ? target.getAllEntries() : [];
  return [
    [path, target],
    ...below.flatMap(({ name, target }) =>
      targetsOf(target, `${path} ${name["convert-camel-to-kebab"]}`)
    ),
  ];
}
