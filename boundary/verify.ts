/** Verifies the boundary before `serve` does anything else: the compose file, the proxy's behavior, its container. */

import * as v from "valibot";
import { retryWithin } from "../lib/async/retry.ts";
import type { Clock, Files } from "../lib/ports.ts";
import type { Difference } from "../lib/problems/boundary.ts";
import * as problems from "../lib/problems/boundary.ts";
import {
  COMPOSE_FILE,
  DOCKER_SOCKET,
  INTERNAL_NETWORK,
  PROXY_SERVICE,
} from "../templates/stack.ts";
import { checkComposeFile, differencesOf, projectIn, steeringIn } from "./compose_file.ts";
import { PROXY_FLAGS } from "./policy.ts";
import { type ProbeNeeds, probeProxy, PROBES, type ProbeTarget } from "./probe.ts";

type FolderFiles = Pick<Files, "readText" | "readBytes" | "list">;

export interface BoundaryNeeds extends ProbeNeeds {
  readonly files: FolderFiles;
  readonly clock: Pick<Clock, "monotonic" | "sleep">;
}

export interface BoundaryPlace extends ProbeTarget {
  /** The host folder, which has the compose file. */
  readonly folder: string;
}

/** The verdict, for the first line of the log. */
export interface BoundaryVerdict {
  readonly file: string;
  readonly proxy: string;
  /** The number of requests that the running proxy answered as the policy says. */
  readonly probes: number;
  /** The number of proxy containers that were compared; 0 if the proxy was started by hand. */
  readonly containers: number;
}

/** How long the proxy may be silent: both containers start together, and the engine may be slow. */
const PATIENCE_MS = 30_000;
const PAUSE_MS = 200;

/**
 * Verifies the compose file, then the behavior of the running proxy, then its container.
 *
 * @throws `boundary_missing`, `boundary_changed`, `boundary_leaks`, `proxy_replaced` (exit 6);
 * `proxy_silent` (exit 3) if nothing answers within 30 s; the signal's reason on abort.
 */
export async function verifyBoundary(
  needs: BoundaryNeeds,
  place: BoundaryPlace,
): Promise<BoundaryVerdict> {
  const { folder, url } = place;
  const file = `${folder}/${COMPOSE_FILE}`;
  const text = await verifyOnDisk(needs.files, folder);
  await untilAnswering(needs, place);
  const leaks = await probeProxy(needs, place);
  if (leaks.length > 0) throw problems.proxyLeaks(url, leaks);
  const containers = await checkContainers(needs, { ...place, project: projectIn(text) });
  const replaced = containers.flat();
  if (replaced.length > 0) throw problems.proxyReplaced(replaced);
  return { file, proxy: url, probes: PROBES, containers: containers.length };
}

/**
 * Verifies the compose file and the other files of its folder, and resolves with its text.
 *
 * @throws `boundary_missing`, `boundary_changed`.
 */
export async function verifyOnDisk(files: FolderFiles, folder: string): Promise<string> {
  const file = `${folder}/${COMPOSE_FILE}`;
  await verifyOtherFiles(files, folder);
  const text = await files.readText(file);
  if (text === undefined) throw problems.boundaryMissing(file);
  const changes = checkComposeFile(text, folder);
  if (changes.length > 0) throw problems.boundaryChanged(file, changes);
  return text;
}

/**
 * Verifies the other files of the folder only, for a command that is about to write the compose file.
 *
 * @throws `boundary_changed`.
 */
export async function verifyOtherFiles(files: FolderFiles, folder: string): Promise<void> {
  const names = await files.list(folder);
  const changes = steeringIn(names, await dotEnvIn(files, folder));
  if (changes.length > 0) throw problems.boundarySteered(folder, changes);
}

/** Our Compose never reads `.env`, so one in another encoding, or one that cannot be read, is no error. */
async function dotEnvIn(files: FolderFiles, folder: string): Promise<string | undefined> {
  try {
    const bytes = await files.readBytes(`${folder}/.env`);
    return bytes && new TextDecoder("latin1").decode(bytes);
  } catch {
    return undefined;
  }
}

async function untilAnswering(
  needs: BoundaryNeeds,
  { url, signal }: ProbeTarget,
): Promise<void> {
  const ask = async () => {
    const response = await needs.fetch(new Request(`${url}/version`, { signal }));
    // A 502 means that the proxy answers without its engine. Any other answer is a success.
    if (response.status === 502) throw new Error(await response.text());
    await response.body?.cancel();
  };
  try {
    await retryWithin(ask, {
      clock: needs.clock,
      signal,
      withinMs: PATIENCE_MS,
      everyMs: PAUSE_MS,
    });
  } catch (error) {
    signal.throwIfAborted();
    throw problems.proxySilent(url, error);
  }
}

const PROJECT_LABEL = "com.docker.compose.project";
const SERVICE_LABEL = "com.docker.compose.service";
/** The files that a container was made from, separated by commas. */
const FILES_LABEL = "com.docker.compose.project.config_files";

const ListSchema = v.array(v.object({ Id: v.string() }));
const ContainerSchema = v.object({
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

/** The differences of each proxy container of the project. */
async function checkContainers(
  needs: ProbeNeeds,
  { url, project, signal }: ProbeTarget & { readonly project: string },
): Promise<readonly (readonly Difference[])[]> {
  const read = async (path: string): Promise<unknown> => {
    const response = await needs.fetch(new Request(`${url}${path}`, { signal }));
    const text = await response.text();
    if (!response.ok) throw problems.proxySilent(url, new Error(`${response.status} ${text}`));
    return JSON.parse(text);
  };
  const label = [`${PROJECT_LABEL}=${project}`, `${SERVICE_LABEL}=${PROXY_SERVICE}`];
  const filters = new URLSearchParams({ filters: JSON.stringify({ label }) });
  const containers = v.parse(ListSchema, await read(`/containers/json?${filters}`));
  return await Promise.all(
    containers.map(async ({ Id }) =>
      checkProxyContainer(await read(`/containers/${Id}/json`), project)
    ),
  );
}

/**
 * Compares the answer to `GET /containers/{id}/json` with what the pinned file gives. A second compose file
 * that the container was made from shows only here. The paths are the Engine API's own.
 */
export function checkProxyContainer(answer: unknown, project: string): readonly Difference[] {
  const { Config, HostConfig, Mounts, NetworkSettings } = v.parse(ContainerSchema, answer);
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
