/** Checks the prerequisites: Compose V2, an engine that works without sudo, and its socket. */

import type { ExecResult } from "../../lib/ports.ts";
import {
  composeMissing,
  dockerDown,
  dockerMissing,
  dockerNeedsRights,
  socketMissing,
} from "../../lib/problems/docker.ts";
import { DOCKER_SOCKET } from "../../templates/stack.ts";
import type { Tools } from "../context.ts";

export interface DockerFacts {
  readonly compose: string;
  readonly engine: string;
  /** Id of the group that may use the socket. */
  readonly socketGid: number;
}

/** Checks in the documented order. @throws the problem of the first missing prerequisite. */
export async function checkDocker(
  { exec, files, stop }: Pick<Tools, "exec" | "files" | "stop">,
): Promise<DockerFacts> {
  const ask = (...argv: string[]) => exec.run(argv, { signal: stop });
  const compose = composeVersion(await ask("docker", "compose", "version", "--short"));
  const engine = engineVersion(await ask("docker", "info", "--format", "{{.ServerVersion}}"));
  const socket = await files.stat(DOCKER_SOCKET);
  if (!socket) throw socketMissing(DOCKER_SOCKET);
  return { compose, engine, socketGid: socket.gid };
}

/** Parses V2 or newer as the plugin prints it: `2.26.1`, or `v2.26.1` with a vendor's suffix. */
function composeVersion({ code, stdout, stderr }: ExecResult): string {
  if (code === 127) throw dockerMissing();
  const version = versionIn(stdout);
  if (code === 0 && version !== undefined && parseInt(version) >= 2) return version;
  throw composeMissing(version ?? (firstLine(stdout) || firstLine(stderr)));
}

function engineVersion({ code, stdout, stderr }: ExecResult): string {
  const version = versionIn(stdout);
  if (code === 0 && version !== undefined) return version;
  const errors = stderr.replaceAll(/^WARNING:.*\n?/gm, "");
  if (/permission denied/i.test(errors)) throw dockerNeedsRights(firstLine(errors));
  throw dockerDown(firstLine(errors) || firstLine(stderr) || firstLine(stdout));
}

/** Finds the line with the version. Warnings may precede it. */
function versionIn(stdout: string): string | undefined {
  return /^v?(\d+\..*)$/m.exec(stdout)?.[1]?.trim();
}

const firstLine = (text: string): string => text.trim().split("\n")[0] ?? "";
