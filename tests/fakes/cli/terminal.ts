/** A terminal that records its output and reads a given text as standard input. */

import type { Terminal } from "../../../lib/ports.ts";

export interface CapturedTerminal extends Terminal {
  /** The lines on stdout. */
  readonly said: readonly string[];
  /** The lines on stderr. */
  readonly noted: readonly string[];
}

export interface TerminalOptions {
  /** The text on standard input; empty by default. */
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
