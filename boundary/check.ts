/** Whether the stack on disk is the pinned one, so that the proxy still is what keeps the orchestrator in. */

import { stackModel, type StackPlan } from "../templates/compose.ts";
import {
  COMPOSE_FILE,
  DOCKER_SOCKET,
  ORCHESTRATOR_SERVICE,
  PROXY_SERVICE,
  PROXY_UID,
} from "../templates/stack.ts";
import { readCompose } from "./compose_document.ts";
import { type Difference, differencesOf } from "./difference.ts";
import { PROXY_FLAGS } from "./policy.ts";

export interface StackOnDisk {
  /** The folder that all of this lies in, by its absolute path on the host. */
  readonly folder: string;
  /** Text of `docker-compose.bigeye.yml`. */
  readonly text: string;
  /** Names of all files in its folder. */
  readonly names: readonly string[];
  /** Text of the folder's `.env`, when there is one. */
  readonly dotEnv?: string | undefined;
}

/** Files that Compose, or an operator's habit, lays over the pinned one. */
const SECOND_FILE = /^(docker-)?compose\b.*(bigeye|override).*\.ya?ml$/i;
/** Variables that change which files Compose reads, which project it takes them for, or which engine it asks. */
const STEERING = [
  ...["COMPOSE_FILE", "COMPOSE_PATH_SEPARATOR", "COMPOSE_ENV_FILES", "COMPOSE_DISABLE_ENV_FILE"],
  ...["COMPOSE_PROJECT_NAME", "COMPOSE_PROFILES"],
  ...["DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG"],
  ...["DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"],
];
const ASSIGNMENT = /^\s*(?:export\s+)?(\w+)\s*[=:]/gm;

/**
 * Compares the compose file with the pinned form and looks for what could change it from beside. What depends on
 * the host (project, image, owner, group of the socket, restart policy, further variables of the
 * orchestrator) is learned from the file and held to what is harmless; all else must be exactly what
 * `templates/compose.ts` makes: both services, both networks, and nothing more. Empty means unchanged.
 */
export function checkComposeFile(stack: StackOnDisk): readonly Difference[] {
  const { folder, text } = stack;
  const beside = steeringBeside(stack);
  const reading = readCompose(text);
  if (!("model" in reading)) return [...beside, ...reading.differences];
  const plan = planOf(reading.model, folder);
  return [...beside, ...differencesOf(stackModel(plan), reading.model)];
}

/** What lies in the folder and would steer a Compose that is called there by hand. */
export function steeringBeside(
  { names, dotEnv = "" }: Pick<StackOnDisk, "names" | "dotEnv">,
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

/** The project that an accepted compose file names. */
export function projectIn(text: string): string {
  const reading = readCompose(text);
  return "model" in reading ? String(at(reading.model, "name")) : "";
}

/** The plan that a compose model was made from; where a value is not a harmless one, what it should be. */
function planOf(model: unknown, folder: string): StackPlan {
  const orchestrator = at(model, "services", ORCHESTRATOR_SERVICE);
  const proxy = at(model, "services", PROXY_SERVICE);
  const environment = at(orchestrator, "environment");
  const [uid, gid] = numbersIn(at(orchestrator, "user"), /^([1-9]\d*):(\d+)$/);
  const [socketGid] = numbersIn(at(proxy, "user"), /^\d+:(\d+)$/);
  return {
    project: text(at(model, "name"), /^[a-z0-9][a-z0-9_-]*$/) ?? "bigeye-agent",
    image: text(at(orchestrator, "image"), /^[A-Za-z0-9][\w.:@/-]*$/) ?? "<an image>",
    hostFolder: isHarmless(folder) ? folder : "<a folder of its own>",
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

/** Whether the path does not hold the socket: a mount of its folder would be as good as the socket. */
function isHarmless(folder: string): boolean {
  return ![DOCKER_SOCKET, "/run/docker.sock"].some((socket) =>
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
