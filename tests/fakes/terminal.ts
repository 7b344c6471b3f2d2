/** A terminal that keeps what it was told; standard input is a given text. */

import type { Terminal } from "../../lib/ports.ts";

export interface CapturedTerminal extends Terminal {
  /** What went to stdout, line by line. */
  readonly said: readonly string[];
  /** What went to stderr. */
  readonly noted: readonly string[];
}

export function capturedTerminal(input = ""): CapturedTerminal {
  const said: string[] = [];
  const noted: string[] = [];
  return {
    interactive: false,
    said,
    noted,
    say: (text) => void said.push(...text.split("\n")),
    note: (text) => void noted.push(...text.split("\n")),
    readInput: () => Promise.resolve(input),
  };
}
