/** The Docker boundary's one definition: what may reach the engine. The proxy enforces it, `serve` verifies it. */

import { type Endpoint, ENDPOINTS } from "./endpoints.ts";

/**
 * The flags of the proxy, as they stand in its environment: the documented allow set (Registering a Host,
 * "Security boundary") is "1" and every other section of the Engine API is spelled out as "0".
 */
export const PROXY_FLAGS = {
  CONTAINERS: "1",
  IMAGES: "1",
  INFO: "1",
  VERSION: "1",
  POST: "1",
  AUTH: "0",
  BUILD: "0",
  COMMIT: "0",
  CONFIGS: "0",
  DISTRIBUTION: "0",
  EVENTS: "0",
  EXEC: "0",
  GRPC: "0",
  NETWORKS: "0",
  NODES: "0",
  PING: "0",
  PLUGINS: "0",
  SECRETS: "0",
  SERVICES: "0",
  SESSION: "0",
  SWARM: "0",
  SYSTEM: "0",
  TASKS: "0",
  VOLUMES: "0",
} as const satisfies Readonly<Record<string, "0" | "1">>;

export type ProxyFlag = keyof typeof PROXY_FLAGS;

/** Which rule refused, in the order of evaluation; `message` is the proxy's own, for the form of the HTTP message. */
export type DenialRule = "message" | "method" | "path" | "section" | "endpoint" | "query";

export type Decision =
  | { readonly allowed: true; readonly endpoint: Endpoint }
  | { readonly allowed: false; readonly rule: DenialRule; readonly reason: string };

export interface AskedRequest {
  readonly method: string;
  /** The request target as it came: path and query, nothing decoded (RFC 9112, section 3.2.1). */
  readonly target: string;
}

/** First path segment → the flag that opens it; POST is a gate for methods and opens no section. */
const FLAG_BY_SECTION: ReadonlyMap<string, ProxyFlag> = new Map(
  (Object.keys(PROXY_FLAGS) as ProxyFlag[])
    .filter((flag) => flag !== "POST")
    .map((flag) => [flag === "PING" ? "_ping" : flag.toLowerCase(), flag]),
);

const READING = ["GET", "HEAD"];
const WRITING = ["POST", "DELETE"];

/** Every character that a name, an image reference or a section needs; `%` and `\` are not among them. */
const PLAIN_PATH = /^(\/[A-Za-z0-9_.:@-]+)+$/;
const API_VERSION = /^\/v1\.[0-9]{1,2}(?=\/)/;
const LONGEST_TARGET = 4_096;

/**
 * Judges one request. Allowed is only what all five rules allow: method, form of the path, section, endpoint
 * and names in the query. Bodies are not read here; {@linkcode Endpoint.body} says which endpoint takes one.
 */
export function decide({ method, target }: AskedRequest): Decision {
  if (!methodIsOpen(method)) return denied("method", `method "${printable(method)}" is closed`);
  const path = target.split("?", 1)[0] ?? "";
  if (!isPlain(target, path)) return denied("path", "the path is not in its plain form");

  const [, section = "", ...rest] = path.replace(API_VERSION, "").split("/");
  const flag = FLAG_BY_SECTION.get(section);
  if (flag === undefined) return denied("section", `"/${section}" is not an open section`);
  if (PROXY_FLAGS[flag] !== "1") return denied("section", `"/${section}" is closed (${flag}=0)`);

  const inside = ["", section, ...rest].join("/");
  const endpoint = ENDPOINTS.find((one) => one.method === method && one.path.test(inside));
  if (!endpoint) return denied("endpoint", "the orchestrator has no use for this endpoint");
  const stranger = unknownParameter(target.slice(path.length + 1), endpoint);
  if (stranger === undefined) return { allowed: true, endpoint };
  return denied("query", `"${endpoint.name}" does not take the parameter "${stranger}"`);
}

function methodIsOpen(method: string): boolean {
  return READING.includes(method) || (PROXY_FLAGS.POST === "1" && WRITING.includes(method));
}

/** Whether every reader of this target sees the same path: nothing to decode, to fold or to resolve. */
function isPlain(target: string, path: string): boolean {
  if (target.length > LONGEST_TARGET || !PLAIN_PATH.test(path)) return false;
  // What is forwarded must be, byte for byte, what was judged.
  const url = URL.parse(target, "http://engine");
  return url !== null && url.host === "engine" && url.pathname + url.search === target;
}

/** The first parameter that the endpoint does not list, if any. */
function unknownParameter(query: string, { parameters }: Endpoint): string | undefined {
  // Engines built with Go before 1.17 split parameters at a semicolon as well.
  if (query.includes(";")) return ";";
  const names = [...new URLSearchParams(query).keys()];
  const stranger = names.find((name) => !parameters.includes(name));
  return stranger === undefined ? undefined : printable(stranger);
}

function denied(rule: DenialRule, reason: string): Decision {
  return { allowed: false, rule, reason };
}

/** Keeps a stranger's text from breaking a line of the log. */
function printable(text: string): string {
  return text.slice(0, 64).replace(/[^\x20-\x7e]/g, "?");
}

/** The flags whose value in an environment is not the pinned one, as `NAME: "0" expected, "1" found`. */
export function changedFlags(read: (name: string) => string | undefined): readonly string[] {
  return Object.entries(PROXY_FLAGS)
    .filter(([name, value]) => read(name) !== value)
    .map(([name, value]) => `${name}: "${value}" expected, ${quoted(read(name))} found`);
}

function quoted(value: string | undefined): string {
  return value === undefined ? "nothing" : `"${printable(value)}"`;
}
