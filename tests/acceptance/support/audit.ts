/** What the socket proxy wrote down about requests. */

import type { Scene } from "../../harness/scene/scene.ts";

export interface Audited {
  readonly path: string;
  readonly endpoint: string;
  readonly status: number;
  readonly duration_ms: number;
  /** What ended a stream before its end. */
  readonly broken?: string;
}

/** The proxy's lines about one container, each written when its request had ended. */
export async function auditOf({ host }: Scene, container: string): Promise<readonly Audited[]> {
  const text = await host.agent("compose", "logs", "-s", "docker-socket-proxy");
  return text.split("\n")
    .filter((line) => line.includes(`/containers/${container}/`))
    .map((line) => JSON.parse(line.slice(line.indexOf("{"))));
}
