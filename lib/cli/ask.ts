/** Questions to a person at a terminal. */

import process from "node:process";
import { Interrupted } from "../async/abort.ts";

export interface Question {
  readonly message: string;
  readonly placeholder?: string;
  /** What is wrong with an answer, or nothing. */
  readonly check?: (answer: string) => string | undefined;
}

/** Only to be used where `Terminal.interactive` says so: without a terminal a question never ends. */
export interface Ask {
  /** One line; empty where the question may be skipped. */
  line(question: Question): Promise<string>;
  /** One line that is not shown. */
  secret(question: Question): Promise<string>;
}

/** Asks on the real terminal, which is restored when the signal aborts or Ctrl-C is typed. */
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
