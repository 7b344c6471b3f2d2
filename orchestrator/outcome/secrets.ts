/** Finds the secrets in a settings file: values with a secret's name, private keys, passwords in URLs. */

import { parseEnv } from "node:util";
import { type Document, isAlias, isMap, isScalar, isSeq, parseAllDocuments } from "yaml";
import { propertiesIn } from "./properties.ts";

/** Words that mark a name as a secret's wherever they occur in it. */
const ANYWHERE = "pass(?:word|phrase|code)|" +
  "(?:api|access|account|encryption|licen[cs]e|private|shared|signing)[-_.]?key|" +
  "token|secret|credential";
/** Words that also occur inside ordinary ones, and count only at the end of a name. */
const AT_END = "pass(?:wd)?|pwd";

/** Connector files end their names in `.1`, `.2`, … */
const SECRET_NAME = new RegExp(`${ANYWHERE}|(?:${AT_END})(?:[-_.[]?\\d+\\]?)?$`, "i");

/**
 * Source of a pattern for a secret's name and the text between it and its value, as in
 * `db.password.1=`, `"token": "`, `Password is `.
 */
export const SECRET_LEAD = `(?:${ANYWHERE}|${AT_END})[\\w.\\-[\\]]{0,32}["']?` +
  `(?:[ \\t]{0,8}[:=][ \\t]{0,8}|[ \\t]{1,8}(?:is[ \\t]{1,8})?)["']?`;

/** `name: value` and the like, one per line, for files in any other format and for broken ones. */
const PAIR = /^[ \t]*["']?([\w.\-[\]][\w.\-[\] ]{0,199}?)["']?[ \t]{0,99}[=:](.*)$/gm;
const PRIVATE_KEY = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----((?:(?!-----)[^]){1,20000})-----END /g;
const USER_AND_PASSWORD = /:\/\/[^\s/:@"']*:([^\s/"']+)@/g;
const PARAMETER = /[?&;]([\w.-]+)=([^&;\s"']+)/g;

interface Member {
  readonly isSecret: boolean;
  readonly value: string;
}

/**
 * Every secret in the text of a file, as written and with its escapes resolved. JSON is recognized by
 * its content, YAML and `.env` by the file's name; any other file is read as `.properties`.
 */
export function secretsIn(text: string, name: string): readonly string[] {
  if (text.includes("\0")) return []; // a binary file such as a keystore, which no agent prints
  const members = [...membersIn(text, name)];
  const named = members.filter(({ isSecret }) => isSecret).map(({ value }) => value);
  const unnamed = [text, ...members.map(({ value }) => value)];
  return [
    ...new Set([...named, ...unnamed.flatMap(privateKeysIn), ...unnamed.flatMap(passwordsIn)]),
  ];
}

function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

function membersIn(text: string, name: string): Iterable<Member> {
  if (/\.ya?ml$/i.test(name)) return yamlMembers(text);
  const json = parsedJson(text);
  if (json !== undefined) return jsonMembers(json);
  const environment = /^\.env|\.env$/i.test(name) ? jsonMembers(parseEnv(text)) : [];
  return [...environment, ...properties(text), ...pairs(text)];
}

function* properties(text: string): Generator<Member> {
  for (const { key, value, raw } of propertiesIn(text)) {
    const isSecret = isSecretName(key);
    yield { isSecret, value };
    yield { isSecret, value: raw };
  }
}

function* pairs(text: string): Generator<Member> {
  for (const [, key = "", value = ""] of text.matchAll(PAIR)) {
    const bare = value.trim().replace(/,$/, "").trimEnd().replace(/^(["'])(.*)\1$/, "$2");
    yield { isSecret: isSecretName(key), value: bare };
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function* jsonMembers(value: unknown, isSecret = false): Generator<Member> {
  if (typeof value === "string" || typeof value === "number") {
    yield { isSecret, value: String(value) };
  } else if (Array.isArray(value)) {
    for (const item of value) yield* jsonMembers(item, isSecret);
  } else if (value !== null && typeof value === "object") {
    for (const [key, member] of Object.entries(value)) {
      yield* jsonMembers(member, isSecret || isSecretName(key));
    }
  }
}

/** Scalars are read as strings, so that a number keeps its leading zeros. */
function* yamlMembers(text: string): Generator<Member> {
  const documents = [...parseAllDocuments(text, { schema: "failsafe", uniqueKeys: false })];
  for (const document of documents) {
    yield* nodeMembers(document.contents, { document, seen: new Set(), isSecret: false });
  }
  // After a syntax error the parser may have misread the rest.
  if (documents.some(({ errors }) => errors.length > 0)) yield* pairs(text);
}

interface NodePlace {
  readonly document: Document;
  /** Nodes that aliases have led to. An anchor may contain an alias of itself. */
  readonly seen: Set<unknown>;
  readonly isSecret: boolean;
}

function* nodeMembers(node: unknown, place: NodePlace): Generator<Member> {
  const { document, seen, isSecret } = place;
  if (isScalar(node)) {
    yield { isSecret, value: String(node.value) };
  } else if (isSeq(node)) {
    for (const item of node.items) yield* nodeMembers(item, place);
  } else if (isMap(node)) {
    for (const { key, value } of node.items) {
      const named = isScalar(key) && isSecretName(String(key.value));
      yield* nodeMembers(value, { ...place, isSecret: isSecret || named });
    }
  } else if (isAlias(node) && isSecret) { // any other alias is covered where its anchor is
    const target = node.resolve(document);
    if (seen.has(target)) return;
    seen.add(target);
    yield* nodeMembers(target, place);
  }
}

function privateKeysIn(text: string): readonly string[] {
  return [...text.matchAll(PRIVATE_KEY)].map(([, body = ""]) => body);
}

function passwordsIn(text: string): readonly string[] {
  const found = [...text.matchAll(USER_AND_PASSWORD)].map(([, password = ""]) => password);
  for (const [, name = "", value = ""] of text.matchAll(PARAMETER)) {
    if (isSecretName(name)) found.push(value);
  }
  return found.flatMap((password) => [password, decoded(password)]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
