/** Parses `bigeye_agent.yml` into settings, or reports every fault with its line and column. */

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
import { faultOf } from "../contract/text.ts";
import { withoutBom } from "../system/text_file.ts";
import { type AgentConfig, AgentConfigSchema } from "./schema.ts";

/**
 * Parses the text of the file.
 * @throws `config_not_yaml`, `config_invalid`, with the place of each fault
 */
export function parseConfig(text: string, path: string): AgentConfig {
  const lines = new LineCounter();
  const document = readYaml(text, lines);
  // The parser only warns about an unknown tag. It is a fault here, because it changes the meaning of a value.
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

/** Parses YAML as all our readers of the file do: without a byte order mark, and with merge keys (`<<`). */
export function readYaml(text: string, lines?: LineCounter): Document.Parsed<ParsedNode> {
  return parseDocument(withoutBom(text), {
    merge: true,
    prettyErrors: false,
    ...(lines === undefined ? {} : { lineCounter: lines }),
  });
}

/** Returns the values. Only here do a missing anchor, too many aliases, or a wrong merge key become errors. */
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

/** Returns the first merge key whose value is neither a map nor a list of maps. */
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
  const node = nearestNode(document, keys);
  const place = node?.range ? `${placeOf(node.range[0], lines)} ` : "";
  return { path: `${place}${keys.join(".")}`, message: faultOf(issue) };
}

/** Returns the value at the path; if a key is missing, the map that should have it. */
function nearestNode(document: Document, keys: readonly unknown[]): Node | undefined {
  for (let depth = keys.length; depth > 0; depth--) {
    const node = document.getIn(keys.slice(0, depth), true);
    if (isNode(node)) return node;
  }
  return undefined;
}

function placeOf(offset: number, lines: LineCounter): string {
  const { line, col } = lines.linePos(offset);
  return `line ${line}, column ${col}`;
}
