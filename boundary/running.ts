/** Whether the proxy container that runs is the one in the file: a second compose file leaves its traces here only. */

import * as v from "valibot";
import {
  COMPOSE_FILE,
  DOCKER_SOCKET,
  INTERNAL_NETWORK,
  PROXY_SERVICE,
} from "../templates/stack.ts";
import { type Difference, differencesOf } from "./difference.ts";
import { PROXY_FLAGS } from "./policy.ts";

const PROJECT_LABEL = "com.docker.compose.project";
const SERVICE_LABEL = "com.docker.compose.service";
/** The files that a container was made from, joined by commas. */
const FILES_LABEL = "com.docker.compose.project.config_files";

const Listed = v.array(v.object({ Id: v.string() }));
const Inspected = v.object({
  Config: v.object({
    Cmd: v.nullish(v.array(v.string()), []),
    Env: v.nullish(v.array(v.string()), []),
    Labels: v.nullish(v.record(v.string(), v.string()), {}),
  }),
  HostConfig: v.object({
    Privileged: v.boolean(),
    ReadonlyRootfs: v.boolean(),
    CapAdd: v.nullish(v.array(v.string()), []),
    CapDrop: v.nullish(v.array(v.string()), []),
    PortBindings: v.nullish(v.record(v.string(), v.unknown()), {}),
  }),
  Mounts: v.array(v.object({ Destination: v.string() })),
  NetworkSettings: v.object({ Networks: v.record(v.string(), v.unknown()) }),
});

/** Path and query that list the proxy containers of a Compose project. */
export function listProxies(project: string): string {
  const label = [`${PROJECT_LABEL}=${project}`, `${SERVICE_LABEL}=${PROXY_SERVICE}`];
  return `/containers/json?${new URLSearchParams({ filters: JSON.stringify({ label }) })}`;
}

/** The ids in the answer to {@linkcode listProxies}. */
export const proxyIds = (answer: unknown): readonly string[] =>
  v.parse(Listed, answer).map(({ Id }) => Id);

/**
 * Compares the answer to `GET /containers/{id}/json` with what the pinned file gives. The paths are the Engine
 * API's own.
 */
export function checkRunningProxy(answer: unknown, project: string): readonly Difference[] {
  const { Config, HostConfig, Mounts, NetworkSettings } = v.parse(Inspected, answer);
  const environment = new Map(
    Config.Env.map((line) => {
      const equals = line.indexOf("=");
      return [line.slice(0, equals), line.slice(equals + 1)];
    }),
  );
  const found = {
    Cmd: Config.Cmd,
    Env: Object.fromEntries(Object.keys(PROXY_FLAGS).map((name) => [name, environment.get(name)])),
    ...HostConfig,
    Mounts: Mounts.map(({ Destination }) => Destination),
    Networks: Object.keys(NetworkSettings.Networks),
  };
  const expected = {
    Cmd: ["socket-proxy"],
    Env: PROXY_FLAGS,
    Privileged: false,
    ReadonlyRootfs: true,
    CapAdd: [],
    CapDrop: ["ALL"],
    PortBindings: {},
    Mounts: [DOCKER_SOCKET],
    Networks: [`${project}_${INTERNAL_NETWORK}`],
  };
  return [
    ...secondFile(Config.Labels[FILES_LABEL]),
    ...differencesOf(expected, found, "container"),
  ];
}

function secondFile(files: string | undefined): readonly Difference[] {
  const isPinned = files !== undefined && files.endsWith(`/${COMPOSE_FILE}`) &&
    !/\.ya?ml,/.test(files);
  if (isPinned) return [];
  return [{
    path: `container.Labels.${FILES_LABEL}`,
    expected: COMPOSE_FILE,
    found: files ?? "nothing",
  }];
}
