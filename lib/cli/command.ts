/** Builds a command from its texts, its flags, and a loader of its code. */

import {
  buildCommand,
  type Command,
  type CommandContext,
  type FlagParametersForType,
} from "@stricli/core";

/** The context that stricli passes to a command: the tools that the entry point made. */
export interface CliContext<TOOLS> extends CommandContext {
  readonly tools: TOOLS;
}

export interface CommandSpec<FLAGS extends Readonly<Partial<Record<keyof FLAGS, unknown>>>, TOOLS> {
  /** One line for lists of commands: an order without a final period. */
  readonly brief: string;
  /** Further text of `--help`: facts that the flags do not show. */
  readonly description?: string;
  /** Complete command lines; a test parses each. */
  readonly examples: readonly [string, string, ...string[]];
  readonly flags: NoInfer<FlagParametersForType<FLAGS, CliContext<TOOLS>>>;
  /** One-letter names of flags. */
  readonly aliases?: Readonly<Record<string, NoInfer<keyof FLAGS & string>>>;
  /** Imports the code when the command runs, so that `--version` loads none of it. */
  readonly load: () => Promise<(flags: FLAGS, tools: TOOLS) => void | Promise<void>>;
}

export const EXAMPLES_HEADING = "EXAMPLES";

export type HelpWords = Pick<
  CommandSpec<never, never>,
  "brief" | "description" | "examples"
>;

/** The texts of a command, or of a group of commands, in stricli's form. */
export function docsOf(
  { brief, description, examples }: HelpWords,
): { readonly brief: string; readonly fullDescription: string } {
  const text = description === undefined ? `${brief}.` : `${brief}.\n\n${description}`;
  const lines = [text, "", EXAMPLES_HEADING, ...examples.map((line) => `  ${line}`)];
  return { brief, fullDescription: lines.join("\n") };
}

/** Builds a command for a route map. Its function throws its failures; it never returns one. */
export function command<FLAGS extends Readonly<Partial<Record<keyof FLAGS, unknown>>>, TOOLS>(
  spec: CommandSpec<FLAGS, TOOLS>,
): Command<CliContext<TOOLS>> {
  return buildCommand<FLAGS, [], CliContext<TOOLS>>({
    loader: async () => {
      const run = await spec.load();
      return function (this: CliContext<TOOLS>, flags: FLAGS) {
        return run(flags, this.tools);
      };
    },
    // stricli's type for this depends on whether FLAGS is empty, which is open until FLAGS is known.
    parameters: { flags: spec.flags, aliases: spec.aliases ?? {} } as never,
    docs: docsOf(spec),
  });
}
