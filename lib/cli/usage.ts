/** What was wrong with the words of a command line, as Problems. */

import { ArgumentParseError, ArgumentScannerError, FlagNotFoundError } from "@stricli/core";
import { Problem, reasonOf } from "../problems/problem.ts";
import { wrongFlags } from "../problems/cli.ts";

/** One Problem for everything that stricli found wrong; a flag's own parser may have named it already. */
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
    return `--${kebab(error.externalFlagNameOrPlaceholder)}: ${reasonOf(error.exception)}`;
  }
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
