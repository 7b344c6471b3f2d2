/** Text of `bigeye_agent.yml` → settings, or every fault with its line and column. */

import * as v from "valibot";
import { type Document, isNode, LineCounter, parseDocument, YAMLError } from "yaml";
import { type ProblemDetail, reasonOf } from "../problems/problem.ts";
import { configInvalid, configNotYaml } from "../problems/host.ts";
import { withoutBom } from "../system/text_file.ts";
import { type AgentConfig, AgentConfigSchema } from "./schema.ts";

/** Reads the text; throws a Problem that names each fault with its place. */
export function parseConfig(text: string, path: string): AgentConfig {
  const lines = new LineCounter();
  const document = parseDocument(withoutBom(text), { lineCounter: lines, prettyErrors: false });
  // An unknown tag is only a warning to the parser; here it would change what a setting means.
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    throw configNotYaml(path, faults.map((fault) => yamlFault(fault, lines)));
  }
  const parsed = v.safeParse(AgentConfigSchema, plainValue(document, path));
  if (parsed.success) return parsed.output;
  throw configInvalid(
    path,
    parsed.issues.map((issue) => settingFault(issue, { document, lines })),
  );
}

/** An alias without its anchor, or a bomb of aliases, shows only here. */
function plainValue(document: Document, path: string): unknown {
  try {
    return document.toJS() ?? {};
  } catch (error) {
    throw configNotYaml(path, [{ message: reasonOf(error) }]);
  }
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
