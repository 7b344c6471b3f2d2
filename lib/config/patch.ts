/** Sets a value in a YAML text and leaves every other byte unchanged. */

import { isMap, isScalar, type Node, type Pair, stringify, type YAMLMap } from "yaml";
import { withoutBom } from "../system/text_file.ts";
import { readYaml } from "./parse.ts";

export interface Change {
  /** Keys from the root, as in `["orchestrator", "host_id"]`. */
  readonly path: readonly [string, ...string[]];
  readonly value: string | boolean | Readonly<Record<string, string>>;
}

/**
 * Returns the text with the change made; the same text if it has the value already. The yaml package's own
 * writer would reformat the whole file, so the text is cut at the positions that its parser reports.
 */
export function patchYaml(text: string, { path, value }: Change): string {
  const body = withoutBom(text);
  const mark = text.slice(0, text.length - body.length);
  return mark + patchBody(body, { path, value });
}

function patchBody(text: string, { path, value }: Change): string {
  const document = readYaml(text);
  if (same(document.getIn(path), value)) return text;
  const root = document.contents;
  if (!isMap(root)) return appendLines(text, linesFor(text, { path, value }));
  return patchMap(text, root, { path, value });
}

function patchMap(text: string, map: YAMLMap, { path, value }: Change): string {
  const [key, ...rest] = path;
  const pair = map.items.find((item) => isScalar(item.key) && item.key.value === key);
  if (!pair) return insertInto(text, map, { path, value });
  const held = pair.value as Node | null;
  const [next, ...more] = rest;
  if (next !== undefined && isMap(held)) {
    return patchMap(text, held, { path: [next, ...more], value });
  }
  const nested = rest.length === 0 ? value : nest(rest, value);
  return replaceValue(text, pair, nested);
}

/** Replaces the value of a pair by the new one, on one line. */
function replaceValue(text: string, pair: Pair, value: unknown): string {
  const held = pair.value as Node | null;
  const colon = text.indexOf(":", (pair.key as Node).range?.[1] ?? 0) + 1;
  // `key:` without a value; a comment may follow.
  if (!held?.range || held.range[1] === held.range[0]) {
    return splice(text, colon, colon, ` ${inline(value)}`);
  }
  const [start] = held.range;
  const onNextLine = text.slice(colon, start).trim() === "" &&
    text.slice(colon, start).includes("\n");
  if (onNextLine) return splice(text, colon, lastByte(text, held), ` ${inline(value)}`);
  return splice(text, start, lastByte(text, held), inline(value));
}

function insertInto(text: string, map: YAMLMap, { path, value }: Change): string {
  if (map.flow) return insertIntoFlow(text, map, { path, value });
  const first = map.items[0]?.key as Node | undefined;
  const last = map.items.at(-1);
  if (!first?.range || !last) return text;
  const start = first.range[0];
  const indent = " ".repeat(start - (text.lastIndexOf("\n", start - 1) + 1));
  const lines = linesFor(text, { path, value }, indent);
  if (indent === "") return appendLines(text, lines);
  const lastNode = (last.value ?? last.key) as Node;
  const end = lastByte(text, lastNode);
  const lineEnd = text.indexOf("\n", end);
  if (lineEnd < 0) return appendLines(text, lines);
  return splice(text, lineEnd + 1, lineEnd + 1, lines);
}

function insertIntoFlow(text: string, map: YAMLMap, { path, value }: Change): string {
  const [key, ...rest] = path;
  const nested = rest.length === 0 ? value : nest(rest, value);
  const entry = `${inline(key)}: ${inline(nested)}`;
  const opened = (map.range?.[0] ?? 0) + 1;
  return splice(text, opened, opened, map.items.length === 0 ? ` ${entry} ` : ` ${entry},`);
}

/** Returns the end of a node without the white space that the parser includes after a block. */
function lastByte(text: string, node: Node): number {
  const [start, end] = node.range ?? [0, 0];
  return start + text.slice(start, end).trimEnd().length;
}

/** Returns the new lines with the file's own line ends. */
function linesFor(text: string, { path, value }: Change, indent = ""): string {
  const lines = blockLines(path, value, indent);
  return text.includes("\r\n") ? lines.replaceAll("\n", "\r\n") : lines;
}

function blockLines(path: readonly string[], value: unknown, indent: string): string {
  const [key = "", ...rest] = path;
  if (rest.length === 0) return `${indent}${inline(key)}: ${inline(value)}\n`;
  return `${indent}${inline(key)}:\n${blockLines(rest, value, `${indent}  `)}`;
}

const nest = (path: readonly string[], value: unknown): unknown =>
  path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);

const inline = (value: unknown): string =>
  stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trimEnd();

function appendLines(text: string, lines: string): string {
  const gap = text === "" || text.endsWith("\n") ? "" : "\n";
  return text + gap + lines;
}

const splice = (text: string, from: number, to: number, middle: string): string =>
  text.slice(0, from) + middle + text.slice(to);

const same = (held: unknown, value: unknown): boolean =>
  JSON.stringify(held) === JSON.stringify(value);
