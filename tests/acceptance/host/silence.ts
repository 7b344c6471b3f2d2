/** An agent that prints nothing for more than a minute, behind the compiled proxy. */

import assert from "node:assert/strict";
import { containerName } from "../../../lib/contract/container.ts";
import type { Run } from "../../../lib/contract/run.ts";
import type { Scene } from "../../harness/scene/scene.ts";
import { auditOf } from "../support/audit.ts";
import { ending, healthJob, SUCCEEDED } from "../support/jobs.ts";

/** Many proxies and HTTP libraries close a connection that was idle for a minute. */
const SILENT_SECONDS = 65;
/** Longer than the silence, because the streams open a moment after the agent has started. */
const WORKS_SECONDS = SILENT_SECONDS + 10;
const STREAMS = ["ContainerLogs", "ContainerWait"];
/** Longer than a request for a container that has ended, and shorter than a stream that is cut after a minute. */
const STREAM_MS = 30_000;

/** Triggers the run, which goes on while other tests use the host. */
export async function startSilentRun(scene: Scene): Promise<Run> {
  const { id } = await healthJob(scene, [`standin.seconds=${WORKS_SECONDS}`]);
  return await scene.rest.trigger(id);
}

/** Tests that a wait and a followed log stay open during 65 s of silence, and then deliver. */
export async function testSilence(scene: Scene, { id }: Run): Promise<void> {
  const { rest, host } = scene;
  const ended = await rest.ended(id, { timeoutMs: (WORKS_SECONDS + 60) * 1_000 });
  assert.deepEqual(ending(ended), SUCCEEDED);
  assert.match(
    await Deno.readTextFile(`${host.path}/agent_runs/${id}/output.log`),
    /^\S+ out \S+ done, holding 0 bytes\n$/,
  );
  // The proxy has logged one request each, from the start of the container to its end.
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
