/** Renders a failure for a terminal or as JSON, and turns wrong words of a command line into a Problem. */

import {
  AliasNotFoundError,
  ArgumentParseError,
  ArgumentScannerError,
  FlagNotFoundError,
  UnexpectedFlagError,
  UnexpectedPositionalError,
  UnsatisfiedFlagError,
} from "@stricli/core";
import { wrongFlags } from "../problems/cli.ts";
import { Problem, reasonOf } from "../problems/problem.ts";

/** The message, the details, the hint and the code, one per line, for stderr; no final newline. */
export function problemText(problem: Problem): string {
  const details = problem.details.map(({ path, message }) =>
    path === undefined ? `       ${message}` : `       ${path}: ${message}`
  );
  return [
    `error: ${problem.message}`,
    ...details,
    ` hint: ${problem.hint}`,
    ` code: ${problem.code}`,
  ].join("\n");
}

/** One JSON document for stdout, so that a script that asked for JSON always gets JSON. */
export function problemJson({ code, message, hint, exit, details }: Problem): string {
  return JSON.stringify({ error: { code, message, hint, exit, details } }, null, 2);
}

export interface BugOptions {
  /** Name and version. */
  readonly program: string;
  /** Whether to print the stack. */
  readonly debug: boolean;
}

/** The text for an error that is not a Problem: one line and a request to report it, or the stack. */
export function bugText(thrown: unknown, { program, debug }: BugOptions): string {
  const line = `error: Unexpected failure in ${program}: ${reasonOf(thrown)}`;
  if (!debug) return `${line}\n hint: Run it again with --debug and report what it prints`;
  return thrown instanceof Error && thrown.stack ? `${line}\n${thrown.stack}` : line;
}

/** One Problem for all errors that stricli found in the flags of `command`, or the Problem that a flag's parser threw. */
export function usageProblem(
  command: string,
  errors: readonly [ArgumentScannerError, ...ArgumentScannerError[]],
): Problem {
  for (const error of errors) {
    if (error instanceof ArgumentParseError && error.exception instanceof Problem) {
      return error.exception;
    }
  }
  const [first, ...rest] = errors;
  return wrongFlags(command, {
    reasons: [reasonFor(first), ...rest.map(reasonFor)],
    suggestions: errors.flatMap(suggestionsOf),
  });
}

function reasonFor(error: ArgumentScannerError): string {
  if (error instanceof FlagNotFoundError) return `it has no flag --${error.input}`;
  if (error instanceof ArgumentParseError) {
    const reason = reasonOf(error.exception);
    // The library's own parsers have other words.
    const fault = reason.startsWith("must ") ? reason : `does not accept "${error.input}"`;
    return `--${kebab(error.externalFlagNameOrPlaceholder)} ${fault}`;
  }
  if (error instanceof UnsatisfiedFlagError) {
    return `--${kebab(error.externalFlagName)} needs a value`;
  }
  if (error instanceof UnexpectedFlagError) {
    return `--${kebab(error.externalFlagName)} may be given only once`;
  }
  if (error instanceof AliasNotFoundError) return `it has no flag -${error.input}`;
  if (error instanceof UnexpectedPositionalError) return `it takes no argument "${error.input}"`;
  return lowerFirst(error.message.replace(/, did you mean .*$/, ""));
}

function suggestionsOf(error: ArgumentScannerError): readonly string[] {
  return error instanceof FlagNotFoundError
    ? error.corrections.map((name) => `--${kebab(name)}`)
    : [];
}

const kebab = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
