/** Runs a command line of either binary, prints its failures, and picks the exit code. */

import { ArgumentScannerError, buildApplication, type RouteMap, run, text_en } from "@stricli/core";
import { Interrupted } from "../async/abort.ts";
import type { Terminal } from "../ports.ts";
import { EXIT_CODES, Problem } from "../problems/problem.ts";
import { unknownCommand } from "../problems/cli.ts";
import type { CliContext } from "./command.ts";
import { bugText, problemJson, problemText, usageProblem } from "./failures.ts";

export interface Program<TOOLS> {
  /** What the operator types. */
  readonly name: string;
  readonly version: string;
  readonly routes: RouteMap<CliContext<TOOLS>>;
}

export interface CliTools {
  readonly terminal: Terminal;
  /** Aborts when the operator or the service manager ends the process. */
  readonly stop: AbortSignal;
}

/**
 * Runs one command line to its end; resolves with an exit code of `EXIT_CODES`. Every failure is printed
 * on stderr, and with `--json` on stdout as well. Never rejects.
 */
export async function runCli<TOOLS extends CliTools>(
  program: Program<TOOLS>,
  argv: readonly string[],
  tools: TOOLS,
): Promise<number> {
  const words = argv.filter((word) => word !== "--debug");
  const failures: unknown[] = [];
  let path = program.name;
  const text = collectingText([program.name, ...words], failures);
  const application = buildApplication(program.routes, {
    name: program.name,
    scanner: { caseStyle: "allow-kebab-for-camel" },
    documentation: { disableAnsiColor: true },
    versionInfo: { currentVersion: program.version },
    localization: { text },
  });
  await run(
    { ...application, integrations: { ...application.integrations, debug: debugFlag } },
    words,
    {
      process: {
        stdout: { write: (chunk) => tools.terminal.say(chunk.replace(/\n$/, "")) },
        // Failures are collected and printed below; stricli's own lines about them are dropped.
        stderr: { write: () => {} },
      },
      forCommand: ({ prefix }) => {
        path = prefix.join(" ");
        const silent = { write: () => {} };
        return { process: { stdout: silent, stderr: silent }, tools };
      },
    },
  );
  if (failures.length === 0) return EXIT_CODES.ok;
  return report(asOne(path, failures), {
    terminal: tools.terminal,
    stop: tools.stop,
    program: `${program.name} ${program.version}`,
    debug: words.length < argv.length,
    json: words.includes("--json"),
  });
}

/** Adds the line to every `--help` and does nothing else: stricli never sees the word `--debug`. */
const debugFlag = {
  flag: { brief: "Print the stack of an unexpected failure", global: true, run: () => {} },
};

/** stricli's texts, except that each message about a failure records the failure in `failures` instead. */
function collectingText(line: readonly string[], failures: unknown[]): typeof text_en {
  const collect = (thrown: unknown): string => {
    failures.push(thrown);
    return "";
  };
  return {
    ...text_en,
    exceptionWhileParsingArguments: collect,
    exceptionWhileLoadingCommandFunction: collect,
    exceptionWhileLoadingCommandContext: collect,
    exceptionWhileRunningCommand: collect,
    commandErrorResult: collect,
    exceptionWhileRunningIntegrationFlag: ({ exception }) => collect(exception),
    exceptionWhileRunningIntegrationHook: ({ exception }) => collect(exception),
    noCommandRegisteredForInput: ({ input, corrections }) => {
      const program = line.slice(0, line.indexOf(input)).join(" ");
      // The nearest name to "help" is another command, but the list is wanted.
      const near = input === "help" ? [] : corrections;
      const suggestions = near.map((name) => `"${program} ${name.replaceAll("`", "")}"`);
      return collect(unknownCommand(input, { suggestions, program }));
    },
  };
}

/** Joins several wrong flags into one Problem; otherwise returns the first failure. */
function asOne(path: string, failures: readonly unknown[]): unknown {
  const [first, ...rest] = failures;
  if (!(first instanceof ArgumentScannerError)) return first;
  const more = rest.filter((failure) => failure instanceof ArgumentScannerError);
  return usageProblem(path, [first, ...more]);
}

interface ReportOptions extends CliTools {
  readonly program: string;
  readonly debug: boolean;
  readonly json: boolean;
}

function report(thrown: unknown, { terminal, stop, json, program, debug }: ReportOptions): number {
  if (thrown instanceof Interrupted || (stop.aborted && thrown === stop.reason)) {
    terminal.note("Stopped before the end");
    return EXIT_CODES.interrupted;
  }
  // A reader that closes the pipe, as in `… | head`, has read enough: that is no failure.
  if (thrown instanceof Error && thrown.name === "BrokenPipe") return EXIT_CODES.ok;
  if (!(thrown instanceof Problem)) {
    terminal.note(bugText(thrown, { program, debug }));
    return EXIT_CODES.failed;
  }
  if (json) terminal.say(problemJson(thrown));
  terminal.note(problemText(thrown));
  if (debug && thrown.cause !== undefined) terminal.note(bugText(thrown.cause, { program, debug }));
  return EXIT_CODES[thrown.exit];
}
