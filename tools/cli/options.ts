/** Parses the options of a verb and shows its help. */

import { parseArgs } from "node:util";
import { print } from "./steps.ts";

export interface Option {
  readonly type: "boolean" | "string";
  readonly says: string;
}

type Options = Readonly<Record<string, Option>>;

/** A boolean that is not given is false; a string is absent. */
type Values<T extends Options> = {
  readonly [K in keyof T]: T[K]["type"] extends "boolean" ? boolean : string | undefined;
};

/** Thrown when the arguments are wrong. Shown without a stack. */
export class WrongUsage extends Error {
  override readonly name = "WrongUsage";
}

/**
 * Parses this process's arguments. `--help` prints the help and ends the process.
 * @throws {WrongUsage} on an argument that is not one of `options`.
 */
export function readOptions<const T extends Options>(verb: string, options: T): Values<T> {
  const values = parse(options);
  if (values["help"] === true) {
    print(help(verb, options));
    Deno.exit(0);
  }
  const entries = Object.entries(options).map(([name, { type }]) => [
    name,
    values[name] ?? (type === "boolean" ? false : undefined),
  ]);
  return Object.fromEntries(entries) as Values<T>;
}

function parse(options: Options): Readonly<Record<string, unknown>> {
  try {
    return parseArgs({ options: { ...options, help: { type: "boolean", short: "h" } } }).values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const valid = [...Object.keys(options), "help"].map((name) => `--${name}`).join(", ");
    const [reason = ""] = error.message.split(/\. |\n/);
    throw new WrongUsage(`${reason}; the options are ${valid}`);
  }
}

function help(verb: string, options: Options): string {
  const rows: readonly [string, Option][] = [
    ...Object.entries(options),
    ["help", { type: "boolean", says: "show this help" }],
  ];
  const lines = rows.map(([name, { type, says }]) =>
    `  ${`--${name}${type === "string" ? " VALUE" : ""}`.padEnd(16)}  ${says}`
  );
  return [`usage: ./dev ${verb} [options]`, "", ...lines].join("\n");
}
