/** The endpoints of the Engine API that an orchestrator needs; inside an open section all others stay shut. */

export interface Endpoint {
  /** As the Engine API reference calls the operation. */
  readonly name: string;
  readonly method: "GET" | "POST" | "DELETE";
  /** Matches the whole path without its `/v1.NN` prefix. */
  readonly path: RegExp;
  /** Query parameters that may be given. */
  readonly parameters: readonly string[];
  /** Whether a JSON body is taken. All others go without one: the engine merges a form body into the query. */
  readonly body: "none" | "json";
  /** Whether the answer may take for ever and is passed on as it comes; any other is short. */
  readonly streams: boolean;
}

/** A container's name or id (`RestrictedNameChars` of the Engine). */
const ID = "[A-Za-z0-9][A-Za-z0-9_.-]*";
/** An image reference, with its slashes, tag and digest as they are; unescaped, as the Engine's own client sends it. */
const REFERENCE = "[A-Za-z0-9][A-Za-z0-9_.:@/-]*";

export const ENDPOINTS: readonly Endpoint[] = [
  endpoint("SystemVersion", "GET /version", []),
  endpoint("SystemInfo", "GET /info", []),
  endpoint("ImageInspect", `GET /images/${REFERENCE}/json`, []),
  // `fromSrc` is left out: it makes the engine fetch any URL, or take an image from the body.
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
