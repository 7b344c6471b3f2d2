/** What `serve` does before anything else: the boundary is verified on disk and alive, or it does not start. */

import type { Clock, Files } from "../lib/ports.ts";
import * as problems from "../lib/problems/boundary.ts";
import { COMPOSE_FILE } from "../templates/stack.ts";
import { checkComposeFile, projectIn, steeringBeside } from "./check.ts";
import type { Difference } from "./difference.ts";
import { type ProbeNeeds, probeProxy, PROBES, type ProbeTarget } from "./probe.ts";
import { checkRunningProxy, listProxies, proxyIds } from "./running.ts";

type OnDisk = Pick<Files, "readText" | "readBytes" | "list">;

export interface BoundaryNeeds extends ProbeNeeds {
  readonly files: OnDisk;
  readonly clock: Pick<Clock, "monotonic" | "sleep">;
}

export interface BoundaryPlace extends ProbeTarget {
  /** Host folder with the compose file. */
  readonly folder: string;
}

/** The verdict, for the first line of the log. */
export interface BoundaryVerdict {
  readonly file: string;
  readonly proxy: string;
  /** Requests that the running proxy answered as pinned. */
  readonly probes: number;
  /** Proxy containers that were compared; 0 when the proxy was started by hand. */
  readonly containers: number;
}

/** The two containers start together, and the engine may be slow: how long the proxy may be silent. */
const PATIENCE_MS = 30_000;
const PAUSE_MS = 200;

/**
 * Verifies the compose file, then what the running proxy does, then how its container was made. Throws
 * `boundary_missing`, `boundary_changed`, `boundary_leaks` or `proxy_replaced` (exit 6), and `proxy_silent` (exit 3) when nothing answers within 30 s.
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
  const running = await runningProxies(needs, { ...place, project: projectIn(text) });
  const strange = running.flat();
  if (strange.length > 0) throw problems.proxyReplaced(strange);
  return { file, proxy: url, probes: PROBES, containers: running.length };
}

/**
 * Verifies the compose file and what lies beside it; answers the file's text. Throws `boundary_missing` or
 * `boundary_changed`.
 */
export async function verifyOnDisk(files: OnDisk, folder: string): Promise<string> {
  const file = `${folder}/${COMPOSE_FILE}`;
  await verifyBeside(files, folder);
  const text = await files.readText(file);
  if (text === undefined) throw problems.boundaryMissing(file);
  const changes = checkComposeFile({ folder, text, names: [] });
  if (changes.length > 0) throw problems.boundaryChanged(file, changes);
  return text;
}

/** Verifies what lies beside the compose file, for a command that is about to write that. Throws `boundary_changed`. */
export async function verifyBeside(files: OnDisk, folder: string): Promise<void> {
  const names = await files.list(folder);
  const dotEnv = await dotEnvIn(files, folder);
  const changes = steeringBeside({ names, dotEnv });
  if (changes.length > 0) throw problems.boundarySteered(folder, changes);
}

/** The `.env` in any encoding. Our Compose never reads it, so one that cannot be read here changes nothing. */
async function dotEnvIn(files: OnDisk, folder: string): Promise<string | undefined> {
  try {
    const bytes = await files.readBytes(`${folder}/.env`);
    return bytes && new TextDecoder("latin1").decode(bytes);
  } catch {
    return undefined;
  }
}

/** What is not as pinned, for each proxy container of the project. */
async function runningProxies(
  needs: ProbeNeeds,
  { url, project, signal }: ProbeTarget & { readonly project: string },
): Promise<readonly (readonly Difference[])[]> {
  const read = async (path: string): Promise<unknown> => {
    const response = await needs.fetch(new Request(`${url}${path}`, { signal }));
    const text = await response.text();
    if (!response.ok) throw problems.proxySilent(url, new Error(`${response.status} ${text}`));
    return JSON.parse(text);
  };
  const ids = proxyIds(await read(listProxies(project)));
  return await Promise.all(
    ids.map(async (id) => checkRunningProxy(await read(`/containers/${id}/json`), project)),
  );
}

async function untilAnswering(
  needs: BoundaryNeeds,
  { url, signal }: ProbeTarget,
): Promise<void> {
  const started = needs.clock.monotonic();
  while (true) {
    const asked = needs.fetch(new Request(`${url}/version`, { signal }));
    const silence = await asked.then(engineSilence, asIs);
    if (silence === undefined) return;
    signal.throwIfAborted();
    if (needs.clock.monotonic() - started >= PATIENCE_MS) throw problems.proxySilent(url, silence);
    await needs.clock.sleep(PAUSE_MS, signal);
  }
}

/** `undefined` when somebody answered for real; 502 is the proxy without its engine. */
async function engineSilence(response: Response): Promise<unknown> {
  if (response.status === 502) return new Error(await response.text());
  await response.body?.cancel();
  return undefined;
}

const asIs = (error: unknown): unknown => error;
