/** Checks that the compose file on disk is the pinned one: only then does the proxy still confine the orchestrator. */

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
import type { Difference } from "../lib/problems/boundary.ts";
import { stackModel, type StackPlan } from "../templates/compose.ts";
import {
  COMPOSE_FILE,
  DOCKER_SOCKET,
  ORCHESTRATOR_SERVICE,
  PROXY_SERVICE,
  PROXY_UID,
} from "../templates/stack.ts";
import { PROXY_FLAGS } from "./policy.ts";

/** Files that Compose merges into the pinned one, by itself or by an operator's habit. */
const SECOND_FILE = /^(docker-)?compose\b.*(bigeye|override).*\.ya?ml$/i;
/** Variables that change which files Compose reads, which project it uses, or which engine it asks. */
const STEERING = [
  ...["COMPOSE_FILE", "COMPOSE_PATH_SEPARATOR", "COMPOSE_ENV_FILES", "COMPOSE_DISABLE_ENV_FILE"],
  ...["COMPOSE_PROJECT_NAME", "COMPOSE_PROFILES"],
  ...["DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG"],
  ...["DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"],
];
const ASSIGNMENT = /^\s*(?:export\s+)?(\w+)\s*[=:]/gm;

/**
 * Reports what in the host folder would steer a Compose that is called there by hand: second compose files
 * among the names of its files, and variables in the text of its `.env`.
 */
export function steeringIn(
  names: readonly string[],
  dotEnv = "",
): readonly Difference[] {
  return [
    ...names.filter((name) => name !== COMPOSE_FILE && SECOND_FILE.test(name))
      .map((name) => ({ path: name, expected: "no second compose file", found: "a file" })),
    ...[...dotEnv.matchAll(ASSIGNMENT)]
      .map(([, name = ""]) => name)
      .filter((name) => STEERING.includes(name))
      .map((name) => ({ path: ".env", expected: `no ${name}`, found: name })),
  ];
}

/**
 * Compares the text of a compose file with the pinned form for this host folder. Values that depend on the
 * host (project, image, owner, group of the socket, restart policy, further variables of the orchestrator)
 * are taken from the file and must be harmless. Everything else must be exactly what `templates/compose.ts`
 * makes: both services, both networks, and nothing more. Empty means unchanged.
 */
export function checkComposeFile(text: string, folder: string): readonly Difference[] {
  const { model, differences } = readStrictly(text);
  if (differences.length > 0) return differences;
  return differencesOf(stackModel(planOf(model, folder)), model);
}

/** The project that a compose file names. The file must have passed {@linkcode checkComposeFile}. */
export function projectIn(text: string): string {
  return String(at(readStrictly(text).model, "name"));
}

interface ComposeReading {
  /** `undefined` if there are differences. */
  readonly model: unknown;
  readonly differences: readonly Difference[];
}

/** A `$` that Compose would interpolate; `$$` is the character itself. */
const INTERPOLATION = /(?<!\$)(?:\$\$)*\$(?!\$)/;
const PLAIN_TAGS = /^tag:yaml\.org,2002:/;

/**
 * The model of a compose file, with `$$` resolved. YAML that two parsers, or Compose itself, could read in
 * two ways is a difference, with its line and column.
 */
function readStrictly(text: string): ComposeReading {
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
  const differences: readonly Difference[] = [
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
  const model = differences.length === 0 ? unescaped(document.toJS()) : undefined;
  return { model, differences };
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

/** The plan that a compose model was made from. A value that is not harmless is replaced by one that is. */
function planOf(model: unknown, folder: string): StackPlan {
  const orchestrator = at(model, "services", ORCHESTRATOR_SERVICE);
  const proxy = at(model, "services", PROXY_SERVICE);
  const environment = at(orchestrator, "environment");
  const [uid, gid] = numbersIn(at(orchestrator, "user"), /^([1-9]\d*):(\d+)$/);
  const [socketGid] = numbersIn(at(proxy, "user"), /^\d+:(\d+)$/);
  return {
    project: text(at(model, "name"), /^[a-z0-9][a-z0-9_-]*$/) ?? "bigeye-agent",
    image: text(at(orchestrator, "image"), /^[A-Za-z0-9][\w.:@/-]*$/) ?? "<an image>",
    hostFolder: holdsSocket(folder) ? "<a folder of its own>" : folder,
    uid: uid ?? PROXY_UID,
    gid: gid ?? PROXY_UID,
    socketGid: socketGid ?? PROXY_UID,
    proxyFlags: PROXY_FLAGS,
    restart: text(at(orchestrator, "restart"), /^(no|always|unless-stopped)$/) ?? "unless-stopped",
    environment: textsOf(environment),
  };
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null && Object.hasOwn(inner, key)
        ? Reflect.get(inner, key)
        : undefined,
    value,
  );
}

function text(value: unknown, form: RegExp): string | undefined {
  return typeof value === "string" && form.test(value) ? value : undefined;
}

function numbersIn(value: unknown, form: RegExp): readonly number[] {
  const [, ...digits] = (typeof value === "string" && form.exec(value)) || [];
  return digits.map(Number);
}

/** Whether the folder contains the Docker socket: mounting it would give the orchestrator the socket. */
function holdsSocket(folder: string): boolean {
  return [DOCKER_SOCKET, "/run/docker.sock"].some((socket) =>
    socket.startsWith(folder === "/" ? folder : `${folder}/`)
  );
}

function textsOf(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] =>
      typeof entry[1] === "string"
    ),
  );
}

/**
 * Every place in which `found` differs from `expected`, with paths as in
 * `services.docker-socket-proxy.environment.EXEC`. The order of keys does not matter, that of lists does.
 */
export function differencesOf(expected: unknown, found: unknown, path = ""): Difference[] {
  const [left, right] = [entriesOf(expected), entriesOf(found)];
  if (!left || !right || Array.isArray(expected) !== Array.isArray(found)) {
    const texts = { expected: textOf(expected), found: textOf(found) };
    return texts.expected === texts.found ? [] : [{ path, ...texts }];
  }
  return [...new Set([...left.keys(), ...right.keys()])].flatMap((key) =>
    differencesOf(left.get(key), right.get(key), path === "" ? key : `${path}.${key}`)
  );
}

function entriesOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)) : undefined;
}

function textOf(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
