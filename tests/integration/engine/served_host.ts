/** `serve` with the real Docker Engine behind the real proxy's policy. A test can stop and start it. */

import { createProxy } from "../../../boundary/proxy.ts";
import { LABELS } from "../../../lib/contract/container.ts";
import { Engine } from "../../../lib/docker/engine.ts";
import { engineSocketFetch } from "../../../lib/system/network.ts";
import { systemClock, systemUptime } from "../../../lib/system/process.ts";
import { systemFiles, systemLockFile } from "../../../lib/system/files.ts";
import { serve } from "../../../orchestrator/serve.ts";
import { connectHost } from "../../../orchestrator/host/temporal.ts";
import { importAgentImage } from "./agent_image.ts";
import { writeHostFolder } from "../../harness/temporal/host_folder.ts";
import type { Keys } from "../../harness/temporal/plane.ts";

const dockerUrl = "http://docker-socket-proxy:2375";
const dockerFetch = createProxy({
  engine: engineSocketFetch("/var/run/docker.sock"),
  log: () => {},
  clock: systemClock,
});
const engine = new Engine({ fetch: dockerFetch, clock: systemClock, baseUrl: dockerUrl });

export interface ServedHost extends AsyncDisposable {
  readonly hostId: string;
  /** Returns the number of its running containers. */
  running(): Promise<number>;
  /** Starts the service. Disposing stops it, and it detaches from its runs. */
  start(): AsyncDisposable;
}

/** A registered host for two runs at a time. The connectors of an order control its agent. */
export async function servedHost(
  { address, keys }: { readonly address: string; readonly keys: Keys },
): Promise<ServedHost> {
  const hostId = `host-${crypto.randomUUID()}`;
  const project = `bigeye-${hostId}`;
  const image = `${project}:latest`;
  const folder = await Deno.makeTempDir();
  await importAgentImage(image);
  await docker("network", "create", `${project}_default`);
  await writeHostFolder(folder, { hostId, project, image, address, keys });
  const containers = () => engine.listContainers([LABELS.host, hostId]);

  return {
    hostId,
    running: async () => (await containers()).filter(({ State }) => State === "running").length,
    start() {
      const stop = new AbortController();
      const serving = serve({
        folder,
        dockerUrl,
        dockerFetch,
        network: () => () => Promise.resolve(new Response(null, { status: 204 })),
        connect: connectHost,
        healthPath: `${folder}/health.json`,
        files: systemFiles,
        clock: systemClock,
        log: () => {},
        identity: { uid: Deno.uid() ?? 0, gid: Deno.gid() ?? 0 },
        lockFile: systemLockFile,
        uptime: systemUptime,
      }, stop.signal);
      return {
        async [Symbol.asyncDispose]() {
          stop.abort(new Error("the service stops"));
          await serving;
        },
      };
    },
    async [Symbol.asyncDispose]() {
      for (const { Id } of await containers()) await engine.removeContainer(Id);
      await docker("network", "rm", `${project}_default`);
      await docker("rmi", image);
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function docker(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("docker", { args }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
