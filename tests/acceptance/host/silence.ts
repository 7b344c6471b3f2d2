/** A silent agent behind the compiled proxy. */

import assert from "node:assert/strict";
import { containerName } from "../../../lib/contract/container.ts";
import type { Run } from "../../../lib/contract/run.ts";
import type { Scene } from "../../harness/scene/scene.ts";
import { auditOf } from "../support/audit.ts";
import { ending, healthJob, SUCCEEDED } from "../support/jobs.ts";

/** Passing time is the subject: proxies and HTTP libraries like to cut what has been idle for a minute. */
const SILENT_SECONDS = 65;
/** Streams open a moment after the agent has begun its silence. */
const WORKS_SECONDS = SILENT_SECONDS + 10;
const STREAMS = ["ContainerLogs", "ContainerWait"];
/** Beyond a look at what has ended already, and short of what is cut after a minute. */
const STREAM_MS = 30_000;

/** Triggers the run, which then goes on beside whatever else the host does. */
export async function startSilence(scene: Scene): Promise<Run> {
  const { id } = await healthJob(scene, [`standin.seconds=${WORKS_SECONDS}`]);
  return await scene.rest.trigger(id);
}

/** A wait and a followed log outlive 65 s of silence, and then deliver. */
export async function outlivesSilence(scene: Scene, { id }: Run): Promise<void> {
  const { rest, host } = scene;
  const ended = await rest.ended(id, { timeoutMs: (WORKS_SECONDS + 60) * 1_000 });
  assert.deepEqual(ending(ended), SUCCEEDED);
  assert.match(
    await Deno.readTextFile(`${host.path}/agent_runs/${id}/output.log`),
    /^\S+ out \S+ done, holding 0 bytes\n$/,
  );
  // One request each, from the start of the container to its end, as the proxy wrote it down.
  const streams = (await auditOf(scene, containerName(id)))
    .filter(({ endpoint, duration_ms }) => STREAMS.includes(endpoint) && duration_ms > STREAM_MS);
  assert.deepEqual(
    streams.map(({ endpoint, status, duration_ms, broken }) => ({
      endpoint,
      status,
      silent: duration_ms >= SILENT_SECONDS * 1_000,
      broken,
    })).toSorted((one, other) => one.endpoint.localeCompare(other.endpoint)),
    STREAMS.map((endpoint) => ({
      endpoint,
      status: 200,
      silent: true,
      broken: undefined,
    })),
  );
}
