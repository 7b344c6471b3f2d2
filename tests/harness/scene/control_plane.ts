/** Starts the compiled control plane of a scene. */

import { type Child, startChild } from "./child.ts";
import { systemFreePort } from "../../../lib/system/network.ts";

/** Limit of one probe, so that a hanging one is repeated. */
const ANSWER_MS = 10_000;

export interface ControlPlane extends AsyncDisposable {
  /** Address for scripts on this machine. */
  readonly localUrl: string;
  /** Address for the host, which this machine and its containers can reach. */
  readonly hostUrl: string;
  readonly adminKey: string;
  readonly process: Child;
  /** Starts the control plane again on the same data and addresses, after its process ended. */
  restart(): Promise<ControlPlane>;
}

export interface ControlPlaneOptions {
  readonly folder: string;
  readonly gateway: string;
  readonly temporal: string | OwnTemporal;
  readonly port?: number;
  /** Added to the inherited environment. */
  readonly env?: Record<string, string>;
}

/** A Temporal server that the control plane starts itself, behind a TLS gateway. */
export interface OwnTemporal {
  readonly program: string;
  /** Where the gateway listens, `host:port`. */
  readonly gatewayListen: string;
}

/** One process of the control plane, which may still be starting. */
export interface ControlPlaneProcess {
  readonly localUrl: string;
  readonly keyFile: string;
  readonly logFile: string;
  readonly process: Child;
  /** Resolves when the control plane answers. @throws when it ends or does not answer in time. */
  answering(): Promise<void>;
}

/** Starts the process without waiting for it. */
export function spawnControlPlane(
  program: string,
  { folder, gateway, temporal, port = systemFreePort(), env = {} }: ControlPlaneOptions,
): ControlPlaneProcess {
  const localUrl = `http://127.0.0.1:${port}`;
  const keyFile = `${folder}/admin_key`;
  const logFile = `${folder}/control_plane.log`;
  const process = startChild([
    program,
    ...["serve", "--data", `${folder}/plane`, ...flagsOf(temporal)],
    ...["--listen", `127.0.0.1:${port}`, "--listen", `${gateway}:${port}`],
    ...["--admin-key-file", keyFile],
  ], { logFile, env });
  const answering = () =>
    process.ready(`the control plane on ${localUrl}`, () => answers(`${localUrl}/healthz`));
  return { localUrl, keyFile, logFile, process, answering };
}

function flagsOf(temporal: string | OwnTemporal): readonly string[] {
  if (typeof temporal === "string") return ["--temporal-address", temporal];
  return ["--temporal-server", temporal.program, "--gateway-listen", temporal.gatewayListen];
}

/** Starts the control plane with its data in the scene's folder, and waits until it answers. */
export async function startControlPlane(
  program: string,
  options: ControlPlaneOptions,
): Promise<ControlPlane> {
  const { gateway, port = systemFreePort() } = options;
  const plane = spawnControlPlane(program, { ...options, port });
  const { localUrl, keyFile, process } = plane;
  try {
    await plane.answering();
    return {
      localUrl,
      hostUrl: `http://${gateway}:${port}`,
      adminKey: (await Deno.readTextFile(keyFile)).trim(),
      process,
      restart: () => startControlPlane(program, { ...options, port }),
      [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
    };
  } catch (error) {
    await process[Symbol.asyncDispose]();
    throw error;
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false; // not listening yet, or not answering
  }
}
