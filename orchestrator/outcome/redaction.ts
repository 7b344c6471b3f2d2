/** Removes secrets and control sequences from an agent's texts before they leave the host. */

import type { BatchAgentType } from "../../lib/contract/agent_types.ts";
import type { Files, Log } from "../../lib/ports.ts";
import { reasonOf } from "../../lib/problems/problem.ts";
import { SECRET_LEAD, secretsIn } from "./secrets.ts";

/** Returns the text as plain text with every known secret replaced. */
export type Redact = (text: string) => string;

const HIDDEN = "[redacted]";
/** Shorter values also occur in ordinary words, so they are replaced only after the name of a secret. */
const SHORTEST_SECRET = 6;
/** V8 compiles a pattern with more alternatives slowly, and one with very many not at all. */
const MOST_ALTERNATIVES = 2_000;
/** Credential files are smaller. Larger files hold data. */
const LARGEST_FILE = 1 << 20;
const DEEPEST_FOLDER = 3;

export interface SecretNeeds {
  readonly files: Files;
  readonly log: Log;
  readonly host: { readonly folder: string };
}

/**
 * Redacts the credentials of one agent type and the host's Agent API key. Never rejects: a file that
 * cannot be read is logged, and the agent, which runs as the same user, cannot print it either.
 */
export async function agentRedactor(
  { files, log, host }: SecretNeeds,
  type: BatchAgentType,
): Promise<Redact> {
  const attempt = async <T>(path: string, read: Promise<T>): Promise<T | undefined> => {
    try {
      return await read;
    } catch (error) {
      log("warn", "could not read secrets to redact", { path, error: reasonOf(error) });
      return undefined;
    }
  };
  const folder = `${host.folder}/agents/${type}`;
  const secrets = await secretsBelow(folder, { files, depth: DEEPEST_FOLDER, attempt });
  const key = `${host.folder}/agent_config/agent_api_key`;
  return redactor([...secrets, await attempt(key, files.readText(key)) ?? ""]);
}

interface SearchOptions {
  readonly files: Files;
  readonly depth: number;
  /** Turns a failed read into `undefined`, so that the other files are still searched. */
  readonly attempt: <T>(path: string, read: Promise<T>) => Promise<T | undefined>;
}

async function secretsBelow(
  folder: string,
  { files, depth, attempt }: SearchOptions,
): Promise<readonly string[]> {
  const secrets: string[] = [];
  for (const name of await attempt(folder, files.list(folder)) ?? []) {
    const path = `${folder}/${name}`;
    const info = await attempt(path, files.stat(path));
    if (info?.isDirectory && depth > 0) {
      secrets.push(...await secretsBelow(path, { files, depth: depth - 1, attempt }));
    } else if (info?.isFile && info.size <= LARGEST_FILE) {
      const found = files.readBytes(path).then((bytes) =>
        decodings(bytes ?? new Uint8Array()).flatMap((text) => secretsIn(text, name))
      );
      secrets.push(...await attempt(path, found) ?? []);
    }
  }
  return secrets;
}

/**
 * The text as UTF-8 and, if it is not valid UTF-8, also as Latin-1: an agent may decode a file either
 * way, and prints what it has decoded.
 */
function decodings(bytes: Uint8Array): readonly string[] {
  const text = new TextDecoder().decode(bytes);
  return text.includes("\uFFFD") ? [text, new TextDecoder("latin1").decode(bytes)] : [text];
}

/**
 * Redacts each of these values, and each line of a value with several lines. Control sequences are
 * removed first: a secret with a color code inside matches only without it.
 */
export function redactor(secrets: Iterable<string>): Redact {
  const values = [...new Set([...secrets].map((secret) => secret.trim()))];
  const long = [...new Set(values.flatMap(withLines))];
  const find = finder(long.filter((value) => value.length >= SHORTEST_SECRET));
  const short = values.filter((value) => value !== "" && value.length < SHORTEST_SECRET);
  const afterName = new RegExp(`(${SECRET_LEAD})(?:${alternatives(short)})(?!\\w)`, "gi");
  return (text) => {
    const plain = plainText(text);
    const rest = without(plain, find(plain));
    return short.length === 0 ? rest : rest.replace(afterName, `$1${HIDDEN}`);
  };
}

/**
 * Output is read line by line, so each line of a secret is a secret. The `-----BEGIN …` and `-----END …`
 * lines of a key are kept: they are no secret and show where one was.
 */
function withLines(secret: string): string[] {
  const lines = secret.split(/\r?\n|\\n/).map((line) => line.trim());
  return [secret, ...lines.filter((line) => !line.startsWith("-----"))];
}

type Range = readonly [from: number, to: number];

/** Searches for the beginnings of all values in one pass: a search per value takes ten times as long. */
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
      pattern.lastIndex = index + 1; // another value may begin inside this one
    }
  }
  return (text) =>
    patterns.flatMap((pattern) => [...rangesOf(pattern, text)]).toSorted(([a], [b]) => a - b);
}

/** Replaces these ranges, which are sorted by their beginnings. Ranges that overlap are merged. */
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

/**
 * Control sequences (ECMA-48, 5.4: colors, cursor movement), control strings (ECMA-48, 5.6: titles,
 * links), other escapes (ECMA-35, 13), and control characters except tab, line feed and carriage return.
 */
const CONTROL =
  // deno-lint-ignore no-control-regex -- these are the characters to remove
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g;
/** Moves the cursor to the first column, as a carriage return does (ECMA-48, 8.3.9). */
// deno-lint-ignore no-control-regex -- this is the sequence to replace
const FIRST_COLUMN = /(?:\x1b\[|\x9b)[01]?G/g;

/** The text that a terminal shows: a progress bar writes each of its states over the one before. */
export function plainText(text: string): string {
  const plain = text.replace(FIRST_COLUMN, "\r").replace(CONTROL, "");
  return plain.includes("\r") ? plain.split("\n").map(afterReturns).join("\n") : plain;
}

/** What stands after the last carriage return. Those at the end of the line have overwritten nothing. */
function afterReturns(line: string): string {
  let end = line.length;
  while (line[end - 1] === "\r") end--;
  return line.slice(line.lastIndexOf("\r", end - 1) + 1, end);
}
