/** Reads a compose file strictly: what two YAML readers, or Compose itself, could take in two ways is refused. */

import {
  type Document,
  isAlias,
  isNode,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from "yaml";
import type { Difference } from "./difference.ts";

export type ComposeReading =
  | { readonly model: unknown; readonly differences: readonly [] }
  | { readonly differences: readonly [Difference, ...Difference[]] };

/** A `$` that Compose would replace; `$$` is the character itself. */
const INTERPOLATION = /(?<!\$)(?:\$\$)*\$(?!\$)/;
const PLAIN_TAGS = /^tag:yaml\.org,2002:/;

/** The model of a compose file with `$$` resolved, or why it cannot be trusted, with line and column. */
export function readCompose(text: string): ComposeReading {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: true,
    merge: false,
    strict: true,
    version: "1.2",
  });
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `line ${line}, column ${col}`;
  };
  const differences: Difference[] = [
    ...[...document.errors, ...document.warnings].map(({ pos, message }) => ({
      path: place(pos[0]),
      expected: "strict YAML",
      found: message.replace(/ at line \d+, column \d+:[^]*$/, ""),
    })),
    ...ambiguities(document).map(({ node, expected, found }) => ({
      path: place(node.range?.[0] ?? 0),
      expected,
      found,
    })),
  ];
  const [first, ...rest] = differences;
  if (first) return { differences: [first, ...rest] };
  return { model: unescaped(document.toJS()), differences: [] };
}

interface Ambiguity {
  readonly node: Node;
  readonly expected: string;
  readonly found: string;
}

function ambiguities(document: Document.Parsed): Ambiguity[] {
  const found: Ambiguity[] = [];
  visit(document, (_key, node) => {
    if (!isNode(node)) return;
    const report = (expected: string, what: string) => found.push({ node, expected, found: what });
    if (isAlias(node)) return void report("no alias", `*${node.source}`);
    if (node.anchor) report("no anchor", `&${node.anchor}`);
    if (node.tag && !PLAIN_TAGS.test(node.tag)) report("no tag", node.tag);
    if (isScalar(node) && typeof node.value === "string" && INTERPOLATION.test(node.value)) {
      report("no variable", node.value);
    }
  });
  return found;
}

function unescaped(value: unknown): unknown {
  if (typeof value === "string") return value.replaceAll("$$", "$");
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(unescaped);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unescaped(inner)]));
}
