/** The Docker boundary's single definition: which requests may reach the engine. The proxy enforces it, `serve` verifies it. */

/**
 * The flags of the proxy, as in its environment. The documented allow set (Registering a Host, "Security
 * boundary") is "1", and every other section of the Engine API is written out as "0".
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

export interface Endpoint {
  /** The operation's name in the Engine API reference. */
  readonly name: string;
  readonly method: "GET" | "POST" | "DELETE";
  /** Matches the whole path without its `/v1.NN` prefix. */
  readonly path: RegExp;
  /** The query parameters that are allowed. */
  readonly parameters: readonly string[];
  /**
   * Whether a JSON body is allowed. All other endpoints get no body, because the engine merges a form body
   * into the query.
   */
  readonly body: "none" | "json";
  /** Whether the answer has no bound in time and is streamed. Any other answer is short. */
  readonly streams: boolean;
}

/** A container's name or id (`RestrictedNameChars` of the Engine). */
const ID = "[A-Za-z0-9][A-Za-z0-9_.-]*";
/** An image reference with its slashes, tag and digest, unescaped as in the requests of Docker's own client. */
const REFERENCE = "[A-Za-z0-9][A-Za-z0-9_.:@/-]*";

/** The endpoints that an orchestrator needs. All others are closed, also those in an open section. */
export const ENDPOINTS: readonly Endpoint[] = [
  endpoint("SystemVersion", "GET /version", []),
  endpoint("SystemInfo", "GET /info", []),
  endpoint("ImageInspect", `GET /images/${REFERENCE}/json`, []),
  // Without `fromSrc`, which makes the engine fetch any URL or import an image from the body.
  streaming("ImageCreate", "POST /images/create", ["fromImage", "tag", "platform"]),
  endpoint("ContainerList", "GET /containers/json", ["all", "limit", "size", "filters"]),
  endpoint("ContainerInspect", `GET /containers/${ID}/json`, ["size"]),
  streaming("ContainerLogs", `GET /containers/${ID}/logs`, [
    "follow",
    "stdout",
    "stderr",
    "since",
    "until",
    "timestamps",
    "tail",
  ]),
  endpoint("ContainerCreate", "POST /containers/create", ["name", "platform"], "json"),
  endpoint("ContainerStart", `POST /containers/${ID}/start`, []),
  endpoint("ContainerStop", `POST /containers/${ID}/stop`, ["t", "signal"]),
  endpoint("ContainerKill", `POST /containers/${ID}/kill`, ["signal"]),
  streaming("ContainerWait", `POST /containers/${ID}/wait`, ["condition"]),
  endpoint("ContainerDelete", `DELETE /containers/${ID}`, ["v", "force"]),
];

function endpoint(
  name: string,
  request: `${Endpoint["method"]} ${string}`,
  parameters: readonly string[],
  body: Endpoint["body"] = "none",
): Endpoint {
  const [method, path] = request.split(" ") as [Endpoint["method"], string];
  return { name, method, path: new RegExp(`^${path}$`), parameters, body, streams: false };
}

function streaming(...described: Parameters<typeof endpoint>): Endpoint {
  return { ...endpoint(...described), streams: true };
}

/** The rule that denied a request, in the order of evaluation. `message` is the proxy's own rule for headers and body. */
export type DenialRule = "message" | "method" | "path" | "section" | "endpoint" | "query";

export type Decision =
  | { readonly allowed: true; readonly endpoint: Endpoint }
  | { readonly allowed: false; readonly rule: DenialRule; readonly reason: string };

export interface AskedRequest {
  readonly method: string;
  /** The request target as it was received: path and query, not decoded (RFC 9112, section 3.2.1). */
  readonly target: string;
}

/** First path segment → its flag. POST opens methods, not a section. */
const FLAG_BY_SECTION: ReadonlyMap<string, ProxyFlag> = new Map(
  (Object.keys(PROXY_FLAGS) as ProxyFlag[])
    .filter((flag) => flag !== "POST")
    .map((flag) => [flag === "PING" ? "_ping" : flag.toLowerCase(), flag]),
);

const READING = ["GET", "HEAD"];
const WRITING = ["POST", "DELETE"];

/** The characters that names, image references and sections need. `%` and `\` are not among them. */
const PLAIN_PATH = /^(\/[A-Za-z0-9_.:@-]+)+$/;
const API_VERSION = /^\/v1\.[0-9]{1,2}(?=\/)/;
const LONGEST_TARGET = 4_096;

/**
 * Judges one request by five rules that must all allow it: the method, the form of the path, the section,
 * the endpoint, and the names in the query. Bodies are not read; {@linkcode Endpoint.body} says which
 * endpoint takes one.
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
  if (!endpoint) return denied("endpoint", "the orchestrator does not need this endpoint");
  const unlisted = unlistedParameter(target.slice(path.length + 1), endpoint);
  if (unlisted === undefined) return { allowed: true, endpoint };
  return denied("query", `"${endpoint.name}" does not take the parameter "${unlisted}"`);
}

function methodIsOpen(method: string): boolean {
  return READING.includes(method) || (PROXY_FLAGS.POST === "1" && WRITING.includes(method));
}

/** Whether every reader of the target sees the same path: it has nothing to decode, fold or resolve. */
function isPlain(target: string, path: string): boolean {
  if (target.length > LONGEST_TARGET || !PLAIN_PATH.test(path)) return false;
  // The proxy forwards the parsed URL, which must be byte for byte the target that was judged.
  const url = URL.parse(target, "http://engine");
  return url !== null && url.host === "engine" && url.pathname + url.search === target;
}

/** The first parameter that the endpoint does not list, if any. */
function unlistedParameter(query: string, { parameters }: Endpoint): string | undefined {
  // Engines built with Go before 1.17 also split parameters at a semicolon.
  if (query.includes(";")) return ";";
  const names = [...new URLSearchParams(query).keys()];
  const unlisted = names.find((name) => !parameters.includes(name));
  return unlisted === undefined ? undefined : printable(unlisted);
}

function denied(rule: DenialRule, reason: string): Decision {
  return { allowed: false, rule, reason };
}

/** Makes text from outside safe for one line of the log. */
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
