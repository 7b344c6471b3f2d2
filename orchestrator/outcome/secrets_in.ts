/** Finds the secrets in a file of settings: values of names that say so, private keys, passwords in addresses. */

import { parseEnv } from "node:util";
import { type Document, isAlias, isMap, isScalar, isSeq, parseAllDocuments } from "yaml";
import { propertiesIn } from "./properties.ts";
import { isSecretKey } from "./secret_key.ts";

interface Member {
  readonly isSecret: boolean;
  readonly value: string;
}

/** `name: value` and the like, a line each, for a file of another form or a broken one. */
const PAIR = /^[ \t]*["']?([\w.\-[\]][\w.\-[\] ]{0,199}?)["']?[ \t]{0,99}[=:](.*)$/gm;
const PRIVATE_KEY = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----((?:(?!-----)[^]){1,20000})-----END /g;
const USER_AND_PASSWORD = /:\/\/[^\s/:@"']*:([^\s/"']+)@/g;
const PARAMETER = /[?&;]([\w.-]+)=([^&;\s"']+)/g;

/** Every secret, as written and as meant. JSON is known by its text, YAML and `.env` by the file's name. */
export function secretsIn(text: string, name: string): readonly string[] {
  if (text.includes("\0")) return []; // a keystore: its text is nothing that anybody prints
  const members = [...membersIn(text, name)];
  const named = members.filter(({ isSecret }) => isSecret).map(({ value }) => value);
  const unnamed = [text, ...members.map(({ value }) => value)];
  return [
    ...new Set([...named, ...unnamed.flatMap(privateKeysIn), ...unnamed.flatMap(passwordsIn)]),
  ];
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
    const isSecret = isSecretKey(key);
    yield { isSecret, value };
    yield { isSecret, value: raw };
  }
}

function* pairs(text: string): Generator<Member> {
  for (const [, key = "", value = ""] of text.matchAll(PAIR)) {
    const bare = value.trim().replace(/,$/, "").trimEnd().replace(/^(["'])(.*)\1$/, "$2");
    yield { isSecret: isSecretKey(key), value: bare };
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
      yield* jsonMembers(member, isSecret || isSecretKey(key));
    }
  }
}

/** With every scalar as it is written, so that a number keeps its zeros. */
function* yamlMembers(text: string): Generator<Member> {
  const documents = [...parseAllDocuments(text, { schema: "failsafe", uniqueKeys: false })];
  for (const document of documents) {
    yield* nodeMembers(document.contents, { document, seen: new Set(), isSecret: false });
  }
  // What stands behind a mistake may have been read as something else.
  if (documents.some(({ errors }) => errors.length > 0)) yield* pairs(text);
}

interface NodePlace {
  readonly document: Document;
  /** What aliases led to already: an anchor may be inside itself. */
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
      const named = isScalar(key) && isSecretKey(String(key.value));
      yield* nodeMembers(value, { ...place, isSecret: isSecret || named });
    }
  } else if (isAlias(node) && isSecret) { // elsewhere its anchor's own place tells all
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
    if (isSecretKey(name)) found.push(value);
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
