/** Takes known secrets out of a text before it leaves the host. */

import { SECRET_LEAD } from "./secret_key.ts";

const HIDDEN = "[redacted]";
/** Shorter values would blot out ordinary words, so they are hidden behind the name of a secret only. */
const SHORTEST_SECRET = 6;
/** The runtime compiles a pattern of more alternatives slowly, and one of very many not at all. */
const MOST_ALTERNATIVES = 2_000;

type Range = readonly [from: number, to: number];

/** A function that hides each of these values, and of one with several lines each line. */
export function redactor(secrets: Iterable<string>): (text: string) => string {
  const values = [...new Set([...secrets].map((secret) => secret.trim()))];
  const long = [...new Set(values.flatMap(withLines))];
  const find = finder(long.filter((value) => value.length >= SHORTEST_SECRET));
  const short = values.filter((value) => value !== "" && value.length < SHORTEST_SECRET);
  const after = new RegExp(`(${SECRET_LEAD})(?:${alternatives(short)})(?!\\w)`, "gi");
  return (text) => {
    const rest = without(text, find(text));
    return short.length === 0 ? rest : rest.replace(after, `$1${HIDDEN}`);
  };
}

/** Output has no lines of more than one line. What frames a key is no secret, and marks where one was. */
function withLines(secret: string): string[] {
  const lines = secret.split(/\r?\n|\\n/).map((line) => line.trim());
  return [secret, ...lines.filter((line) => !line.startsWith("-----"))];
}

/** Looks for the beginnings of all values in one pass: a search for each would take ten times as long. */
function finder(values: readonly string[]): (text: string) => readonly Range[] {
  const longestFirst = values.toSorted((a, b) => b.length - a.length);
  const byStart = Map.groupBy(longestFirst, (value) => value.slice(0, SHORTEST_SECRET));
  const starts = [...byStart.keys()];
  const patterns: RegExp[] = [];
  for (let at = 0; at < starts.length; at += MOST_ALTERNATIVES) {
    patterns.push(new RegExp(alternatives(starts.slice(at, at + MOST_ALTERNATIVES)), "g"));
  }

  function* rangesOf(pattern: RegExp, text: string): Generator<Range> {
    pattern.lastIndex = 0;
    for (let found = pattern.exec(text); found; found = pattern.exec(text)) {
      const { 0: start, index } = found;
      const value = byStart.get(start)?.find((one) => text.startsWith(one, index));
      if (value !== undefined) yield [index, index + value.length];
      pattern.lastIndex = index + 1; // another value may begin within this one
    }
  }
  return (text) =>
    patterns.flatMap((pattern) => [...rangesOf(pattern, text)]).toSorted(([a], [b]) => a - b);
}

/** The text without these ranges, in order of their beginnings; ranges that overlap become one. */
function without(text: string, ranges: readonly Range[]): string {
  const parts: string[] = [];
  let end = 0;
  for (const [from, to] of ranges) {
    if (from >= end) parts.push(text.slice(end, from), HIDDEN);
    end = Math.max(end, to);
  }
  parts.push(text.slice(end));
  return parts.join("");
}

function alternatives(values: readonly string[]): string {
  return values.map((value) => value.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|");
}
