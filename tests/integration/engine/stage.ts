/** A stage for runs on the real Docker Engine behind the real proxy's policy, with a host folder and an image. */

import { createProxy } from "../../../boundary/proxy.ts";
import type { RunOrder } from "../../../lib/contract/dispatch.ts";
import { Engine } from "../../../lib/docker/engine.ts";
import type { Fetch } from "../../../lib/ports.ts";
import { engineSocketFetch } from "../../../lib/system/network.ts";
import { systemClock } from "../../../lib/system/process.ts";
import { systemFiles } from "../../../lib/system/files.ts";
import { ActiveRuns } from "../../../orchestrator/run/active_runs.ts";
import { releaseRun } from "../../../orchestrator/run/control.ts";
import { Journals } from "../../../orchestrator/run/journal.ts";
import type { RunNeeds } from "../../../orchestrator/run/run.ts";
import { HOST, orderOf, READER } from "../../orchestrator/world.ts";
import { importAgentImage } from "./agent_image.ts";

export interface Stage extends AsyncDisposable {
  readonly folder: string;
  readonly image: string;
  /** Starts a process of the host. */
  process(): RunNeeds;
  /** Creates an order for a new run, which is released when the stage is disposed. */
  order(words: string[], change?: Partial<RunOrder>): RunOrder;
}

const engineFetch = engineSocketFetch("/var/run/docker.sock");
const fetch: Fetch = createProxy({ engine: engineFetch, log: () => {}, clock: systemClock });

export async function openStage(): Promise<Stage> {
  const folder = await Deno.makeTempDir();
  const image = `bigeye-run-test:${crypto.randomUUID()}`;
  await importAgentImage(image);
  await Deno.mkdir(`${folder}/agents/lineage`, { recursive: true });
  const installationId = crypto.randomUUID();
  const runs: string[] = [];
  const process = (): RunNeeds => {
    const shared = { files: systemFiles, clock: systemClock, log: () => {} };
    return {
      ...shared,
      engine: new Engine({ fetch, clock: systemClock, baseUrl: "http://docker-socket-proxy:2375" }),
      workflows: {
        signalPhases: () => Promise.resolve(),
        isClosed: () => Promise.resolve(false),
      },
      reader: READER,
      host: {
        ...HOST,
        folder,
        installationId,
        network: "none",
        identity: { uid: Deno.uid() ?? 0, gid: Deno.gid() ?? 0 },
        images: { ...HOST.images, lineage: image },
        memoryBytes: { lineage: 64 * 1024 ** 2 },
      },
      journals: new Journals({ ...shared, folder }),
      active: new ActiveRuns(),
      machineStartedAt: "2026-01-01T00:00:00.000Z",
    };
  };
  return {
    folder,
    image,
    process,
    order(words, change = {}) {
      const now = Date.now();
      const run_id = crypto.randomUUID();
      runs.push(run_id);
      return orderOf(words, {
        run_id,
        installation_id: installationId,
        issued_at: new Date(now).toISOString(),
        expires_at: new Date(now + 3_600_000).toISOString(),
        ...change,
      });
    },
    async [Symbol.asyncDispose]() {
      for (const runId of runs) await releaseRun(process(), runId);
      await new Deno.Command("docker", { args: ["rmi", image], stdout: "null" }).output();
      await Deno.remove(folder, { recursive: true });
    },
  };
}
