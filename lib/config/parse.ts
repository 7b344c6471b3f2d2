/** Text of `bigeye_agent.yml` → settings, or every fault with its line and column. */

import * as v from "valibot";
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  visit,
  type YAMLError,
} from "yaml";
import { type ProblemDetail, reasonOf } from "../problems/problem.ts";
import { configInvalid, configNotYaml } from "../problems/host.ts";
import { withoutBom } from "../system/text_file.ts";
import { type AgentConfig, AgentConfigSchema } from "./schema.ts";

/** Reads the text; throws a Problem that names each fault with its place. */
export function parseConfig(text: string, path: string): AgentConfig {
  const lines = new LineCounter();
  const document = readYaml(text, lines);
  // An unknown tag is only a warning to the parser; here it would change what a setting means.
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    throw configNotYaml(path, faults.map((fault) => yamlFault(fault, lines)));
  }
  const parsed = v.safeParse(AgentConfigSchema, plainValue(document, { path, lines }));
  if (parsed.success) return parsed.output;
  throw configInvalid(
    path,
    parsed.issues.map((issue) => settingFault(issue, { document, lines })),
  );
}

/** The document as every reader of the file sees it: behind a byte order mark, with merge keys (`<<`). */
export function readYaml(text: string, lines?: LineCounter): Document.Parsed<ParsedNode> {
  return parseDocument(withoutBom(text), {
    merge: true,
    prettyErrors: false,
    ...(lines === undefined ? {} : { lineCounter: lines }),
  });
}

/** An alias without its anchor, a bomb of aliases, or a merge of something else than maps shows only here. */
function plainValue(
  document: Document,
  { path, lines }: { path: string; lines: LineCounter },
): unknown {
  try {
    return document.toJS() ?? {};
  } catch (error) {
    const message = reasonOf(error);
    const merge = wrongMerge(document);
    const place = merge?.range ? { path: placeOf(merge.range[0], lines) } : {};
    throw configNotYaml(path, [{ ...place, message }]);
  }
}

/** The first merge key whose source is no map and no list of maps. */
function wrongMerge(document: Document): Node | undefined {
  const isSource = (node: unknown): boolean => isMap(isAlias(node) ? node.resolve(document) : node);
  let found: Node | undefined;
  visit(document, {
    Pair(_, { key, value }) {
      if (!isScalar(key) || key.source !== "<<") return undefined;
      if (isSource(value) || (isSeq(value) && value.items.every(isSource))) return undefined;
      found = key;
      return visit.BREAK;
    },
  });
  return found;
}

function yamlFault(fault: YAMLError, lines: LineCounter): ProblemDetail {
  return { path: placeOf(fault.pos[0], lines), message: fault.message };
}

function settingFault(
  issue: v.BaseIssue<unknown>,
  { document, lines }: { document: Document; lines: LineCounter },
): ProblemDetail {
  const keys = issue.path?.map(({ key }) => key) ?? [];
  const node = document.getIn(keys, true);
  const place = isNode(node) && node.range ? `${placeOf(node.range[0], lines)} ` : "";
  return { path: `${place}${keys.join(".")}`, message: issue.message };
}

function placeOf(offset: number, lines: LineCounter): string {
  const { line, col } = lines.linePos(offset);
  return `line ${line}, column ${col}`;
}
