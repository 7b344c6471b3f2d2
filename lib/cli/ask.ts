/** Asks a person at a terminal. */

import process from "node:process";
import { Interrupted } from "../async/abort.ts";

export interface Question {
  readonly message: string;
  readonly placeholder?: string;
  /** Returns what is wrong with an answer, or `undefined`. */
  readonly check?: (answer: string) => string | undefined;
}

/** Use it only if `Terminal.interactive` is true: without a terminal a question never ends. */
export interface Ask {
  /** Asks for one line. It is empty if the person skipped the question and `check` allows that. */
  line(question: Question): Promise<string>;
  /** Asks for one line that is not shown while it is typed. */
  secret(question: Question): Promise<string>;
}

/** Asks on the process's terminal, and restores it when the signal aborts or Ctrl-C is typed. */
export function terminalAsk(stop: AbortSignal): Ask {
  const asked = async (answer: Promise<string | symbol>): Promise<string> => {
    const value = await answer;
    stop.throwIfAborted();
    if (typeof value === "string") return value;
    throw new Interrupted("SIGINT");
  };
  const words = ({ message, placeholder, check }: Question) => ({
    message,
    signal: stop,
    output: process.stderr,
    validate: (value: string | undefined) => check?.(value ?? ""),
    ...(placeholder === undefined ? {} : { placeholder }),
  });
  return {
    async line(question) {
      const { text } = await import("@clack/prompts");
      return await asked(text({ ...words(question), defaultValue: "" }));
    },
    async secret(question) {
      const { password } = await import("@clack/prompts");
      return await asked(password(words(question)));
    },
  };
}
