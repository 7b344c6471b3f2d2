/** A terminal that keeps what it was told; standard input is a given text. */

import type { Terminal } from "../../../lib/ports.ts";

export interface CapturedTerminal extends Terminal {
  /** What went to stdout, line by line. */
  readonly said: readonly string[];
  /** What went to stderr. */
  readonly noted: readonly string[];
}

export interface TerminalOptions {
  /** What standard input holds. */
  readonly input?: string;
  readonly interactive?: boolean;
}

export function capturedTerminal(
  { input = "", interactive = false }: TerminalOptions = {},
): CapturedTerminal {
  const said: string[] = [];
  const noted: string[] = [];
  return {
    interactive,
    said,
    noted,
    say: (text) => void said.push(...text.split("\n")),
    note: (text) => void noted.push(...text.split("\n")),
    readInput: () => Promise.resolve(input),
  };
}
