/** Problems of a command line, and of settings that a flag, a variable or a file holds. */

import { Problem, type ProblemDetail } from "./problem.ts";

/** There is no command `input`. `suggestions` are similar names, `program` lists the commands. */
export function unknownCommand(
  input: string,
  { suggestions, program }: { suggestions: readonly string[]; program: string },
): Problem {
  return new Problem({
    code: "unknown_command",
    message: `Cannot find a command called "${input}"`,
    hint: `${didYouMean(suggestions)}Type "${program} --help" for the list`,
    exit: "usage",
  });
}

/** The flags do not fit the command; `reasons` has one line for each wrong flag. */
export function wrongFlags(
  command: string,
  { reasons, suggestions }: {
    reasons: readonly [string, ...string[]];
    suggestions: readonly string[];
  },
): Problem {
  const [first, ...rest] = reasons;
  return new Problem({
    code: "wrong_flags",
    message: `Cannot run "${command}": ${first}`,
    hint: `${didYouMean(suggestions)}Type "${command} --help" for its flags`,
    exit: "usage",
    details: rest.map((message): ProblemDetail => ({ message })),
  });
}

/** A required value is in neither the flag nor the variable, and there is no terminal to ask for it. */
export function answerNeeded(
  what: string,
  { flag, variable }: { flag: string; variable: string },
): Problem {
  return new Problem({
    code: "answer_needed",
    message: `Cannot ask for ${what}: this is not a terminal`,
    hint: `Give it with ${flag}, or set ${variable}`,
    exit: "usage",
  });
}

function didYouMean(suggestions: readonly string[]): string {
  return suggestions.length === 0 ? "" : `Did you mean ${suggestions.join(" or ")}? `;
}

/** A value has the wrong form; `source` names the flag, the variable or the key that holds it. */
export function settingInvalid(
  name: string,
  { source, fault }: { source: string; fault: string },
): Problem {
  return new Problem({
    code: "setting_invalid",
    message: `Cannot use the ${name} from ${source}: it ${fault}`,
    hint: `Correct ${source} and run the same command again`,
    exit: "usage",
  });
}

/** A setting has no effect without another one; both name the flag or the variable. */
export function settingNeeds(source: string, needed: string): Problem {
  return new Problem({
    code: "setting_invalid",
    message: `Cannot use ${source} without ${needed}`,
    hint: `Add ${needed}, or leave out ${source}`,
    exit: "usage",
  });
}

/** Two settings exclude each other; both name the flag or the variable. */
export function settingsConflict(source: string, other: string): Problem {
  return new Problem({
    code: "setting_invalid",
    message: `Cannot use ${source} together with ${other}`,
    hint: `Leave out ${source} or ${other}`,
    exit: "usage",
  });
}

/** Two secrets cannot both come from standard input. */
export function inputTakenTwice(): Problem {
  return new Problem({
    code: "input_taken_twice",
    message: "Cannot read two keys from standard input",
    hint: "Give one of them with a file: --personal-key-file <path> or --agent-key-file <path>",
    exit: "usage",
  });
}
