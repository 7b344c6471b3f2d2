/** Reads the socket proxy's log of requests. */

import type { Scene } from "../../harness/scene/scene.ts";

export interface Audited {
  readonly path: string;
  readonly endpoint: string;
  readonly status: number;
  readonly duration_ms: number;
  /** Why a stream ended early. */
  readonly broken?: string;
}

/** Returns the requests about one container, in the order in which they ended. */
export async function auditOf({ host }: Scene, container: string): Promise<readonly Audited[]> {
  const text = await host.agent("compose", "logs", "-s", "docker-socket-proxy");
  return text.split("\n")
    .filter((line) => line.includes(`/containers/${container}/`))
    .map((line) => JSON.parse(line.slice(line.indexOf("{"))));
}
