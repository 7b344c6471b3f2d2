/** A table of commands that parses like the real one and does nothing. */

import { buildRouteMap, type Command, type RouteMap } from "@stricli/core";
import type { Tools } from "../../commands/context.ts";
import type { CliContext } from "../../lib/cli/command.ts";

export type Context = CliContext<Tools>;
export type Target = Command<Context> | RouteMap<Context>;

export const isMap = (target: Target): target is RouteMap<Context> => "getAllEntries" in target;

/** The same words, with nothing behind them. */
export function withoutCode(map: RouteMap<Context>): RouteMap<Context> {
  const entries = map.getAllEntries().map(({ name, target }): [string, Target] => [
    name.original,
    isMap(target) ? withoutCode(target) : { ...target, loader: () => Promise.resolve(() => {}) },
  ]);
  return buildRouteMap<string, Context>({
    docs: { brief: map.brief },
    routes: Object.fromEntries(entries),
  });
}
