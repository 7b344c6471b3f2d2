/** Two control planes on one Postgres and one Temporal, one of which is killed while it works. */

import assert from "node:assert/strict";
import { ORCHESTRATOR } from "../../fakes/control_plane/plane.ts";
import type { Run } from "../../../lib/contract/run.ts";
import {
  CLUSTER,
  testDatabase,
  WITHOUT_CLUSTER,
} from "../../harness/databases/postgres_cluster.ts";
import { inFolder } from "../../fakes/system/temporary_folder.ts";
import { waitFor } from "../../harness/time/wait.ts";
import { emptyDisk } from "../../harness/temporal/fake_host.ts";
import { test } from "../../harness/temporal/over_temporal.ts";
import { HOST, newJob, register } from "./plane_account.ts";
import { type PlaneProcess, startPlaneProcess } from "./plane_process.ts";
import { startTemporalServer } from "../../harness/temporal/server.ts";
import { host } from "../../harness/temporal/world.ts";

const JOBS = 30;
const CANCELED_JOBS = 5;

type Planes = readonly [PlaneProcess, PlaneProcess];

/** Triggers with an idempotency key, and retries at the other control plane if the first does not answer. */
async function triggered(job: string, [first, second]: Planes): Promise<string> {
  const path = `${ORCHESTRATOR}/jobs/${job}/runs`;
  const headers = { "idempotency-key": job };
  const run = await first.call("POST", path, { headers })
    .catch(() => second.call("POST", path, { headers }));
  return (run as Run).id;
}

async function history(plane: PlaneProcess): Promise<readonly Run[]> {
  const page = await plane.call("GET", `${ORCHESTRATOR}/runs?pageSize=100`) as { runs: Run[] };
  return page.runs;
}

/** Polls the runs until they satisfy the condition. */
async function runsWhen(
  holds: (runs: readonly Run[]) => boolean,
  plane: PlaneProcess,
): Promise<readonly Run[]> {
  let runs: readonly Run[] = [];
  return await waitFor(async () => holds(runs = await history(plane)) ? runs : undefined, {
    what: "the runs",
    intervalMs: 500,
    explain: () => Promise.resolve(JSON.stringify(runs)),
  });
}

const isEnded = ({ ended_at }: Run): boolean => ended_at !== null;

async function inTwoPlanes(
  work: (planes: Planes, data: string, temporal: string) => Promise<void>,
): Promise<void> {
  await using database = await testDatabase();
  await using temporal = startTemporalServer();
  await inFolder(async (folder) => {
    const options = { data: `${folder}/data`, database: database.url, temporal: temporal.address };
    // Both start at the same time, with an empty database and an empty folder.
    const starting = [startPlaneProcess(options), startPlaneProcess(options)] as const;
    await using parts = new AsyncDisposableStack();
    const [one, other] = await Promise.all(starting);
    for (const plane of [one, other]) parts.use(plane);
    await work([one, other], options.data, temporal.address);
  });
}

async function twoPlanes(): Promise<void> {
  await inTwoPlanes(async ([one, other], data, temporal) => {
    const keys = await register(one, data);
    const disk = emptyDisk();
    await using _host = await host(temporal, keys, { hostId: HOST, disk });
    const endless = await Promise.all(
      Array.from({ length: CANCELED_JOBS }, () => newJob(one, "runs until canceled")),
    );
    const short = await Promise.all(
      Array.from({ length: JOBS }, () => newJob(other, "sets a timer")),
    );
    const toCancel = await Promise.all(endless.map((job) => triggered(job, [one, other])));
    for (const run of toCancel) await disk.log.until(`accepted ${run}`);

    // Each control plane gets half of the triggers. The first is killed while it dispatches and records runs.
    const triggering = short.map((job, i) => triggered(job, i % 2 ? [one, other] : [other, one]));
    const asked = toCancel.map((run) =>
      one.call("POST", `${ORCHESTRATOR}/runs/${run}/cancel`).catch(() =>
        other.call("POST", `${ORCHESTRATOR}/runs/${run}/cancel`)
      )
    );
    await runsWhen((runs) => runs.some(isEnded), other);
    await one.kill();
    const runs = [...await Promise.all(triggering), ...toCancel];
    await Promise.allSettled(asked);

    const ended = await runsWhen((known) => known.every(isEnded), other);
    assert.deepEqual(ended.map(({ id }) => id).toSorted(), runs.toSorted());
    assert.deepEqual(
      ended.map(({ status, phases }) => `${status} ${phases.map(({ phase }) => phase)}`).toSorted(),
      [
        ...Array(CANCELED_JOBS).fill("canceled accepted,running"),
        ...Array(JOBS).fill("succeeded accepted,running"),
      ],
    );
    // Without the number of the attempt: on a busy machine Temporal may offer an attempt, lose the
    // answer to the host's poll, and offer the next one.
    const started = disk.log.events.filter((event) => event.startsWith("run "))
      .map((event) => event.split(" ")[1] ?? "");
    assert.deepEqual(started.toSorted(), runs.toSorted());
  });
}

const NAME =
  "when one of two control planes is killed, each run starts once and all reports are recorded";
if (CLUSTER === undefined) Deno.test.ignore(`${NAME} (${WITHOUT_CLUSTER})`, twoPlanes);
else test(NAME, twoPlanes);
