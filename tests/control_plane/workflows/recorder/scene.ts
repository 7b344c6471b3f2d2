/** The scene of a scenario: a Temporal server, a control plane, and access to the histories. */

import { Client, type WorkflowHandle } from "@temporalio/client";
import { historyToJSON } from "@temporalio/common/lib/proto-utils.js";
import type { PayloadCodec } from "@temporalio/common";
import type { DispatchableRun } from "../../../../control_plane/store/mod.ts";
import { runWorkflowId } from "../../../../lib/contract/temporal_names.ts";
import { systemClock } from "../../../../lib/system/process.ts";
import { createEnvelopeCodec, tolerantCodec } from "../../../../lib/temporal/payloads/codec.ts";
import { BIGEYE } from "../../../fakes/keys/key_pairs.ts";
import { emptyDisk, type HostDisk, type Script } from "../../../harness/temporal/fake_host.ts";
import { connected, WITHOUT_STANDALONE_ACTIVITIES } from "../../../harness/temporal/server.ts";
import { type FakeHost, startWorld, type World } from "../../../harness/temporal/world.ts";
import { until } from "../../../harness/time/wait.ts";
import type { RecordedHistory } from "../history_file.ts";

export const HOST = "prod-agent-01";

/** Decrypts payloads like the control plane's worker. */
export const PLANE_CODEC: PayloadCodec = tolerantCodec(
  createEnvelopeCodec({
    privatePem: BIGEYE.privatePem,
    recipients: () => Promise.resolve([BIGEYE.publicPem]),
    clock: systemClock,
  }),
  () => {},
);

export interface Histories {
  readonly client: Client;
  /** Waits until the workflow has ended, and returns its history. */
  ended(workflowId: string): Promise<RecordedHistory>;
  /** Waits until the workflow's history contains the text so many times. */
  until(workflowId: string, text: string, times?: number): Promise<void>;
}

export interface Scene {
  readonly world: World;
  readonly histories: Histories;
}

/** Plays a scenario with a new Temporal server. */
export async function onScene<T>(
  { hostWaitSeconds }: { readonly hostWaitSeconds?: number | undefined },
  play: (scene: Scene) => Promise<T>,
): Promise<T> {
  // With a pushed cancel a run may end before the workflow asks its host, so histories would vary.
  const settings = [WITHOUT_STANDALONE_ACTIVITIES];
  await using world = startWorld({ hostWaitSeconds, settings });
  return await withHistories(world.address, (histories) => play({ world, histories }));
}

export async function withHistories<T>(
  address: string,
  work: (histories: Histories) => Promise<T>,
): Promise<T> {
  const connection = await connected(address);
  const client = new Client({ connection, dataConverter: { payloadCodecs: [PLANE_CODEC] } });
  const read = async (handle: WorkflowHandle): Promise<string> =>
    historyToJSON(await handle.fetchHistory());
  try {
    return await work({
      client,
      async ended(workflowId) {
        const handle = client.workflow.getHandle(workflowId);
        await handle.result();
        return JSON.parse(await read(handle));
      },
      async until(workflowId, text, times = 1) {
        const handle = client.workflow.getHandle(workflowId);
        const holds = async () => (await read(handle)).split(text).length > times;
        await until(`"${text}" in the history`, holds);
      },
    });
  } finally {
    await connection.close();
  }
}

export interface RunOnHost extends Scene {
  readonly run: string;
  readonly disk: HostDisk;
  readonly host: FakeHost;
  /** Waits until the run's history contains the text so many times. */
  until(text: string, times?: number): Promise<void>;
}

/** Plays a run on a host that runs until the run's workflow has ended. Returns the run's id. */
export async function runOnHost(
  { world, histories }: Scene,
  script: Script,
  meanwhile: (run: RunOnHost) => Promise<void> = () => Promise.resolve(),
  change: Partial<DispatchableRun> = {},
): Promise<string> {
  const disk = emptyDisk();
  await using host = await world.host(HOST, disk);
  const run = world.plane.trigger(HOST, script, change);
  await world.plane.outbox.dispatched(run);
  const until = (text: string, times?: number) => histories.until(runWorkflowId(run), text, times);
  await meanwhile({ world, histories, run, disk, host, until });
  await histories.ended(runWorkflowId(run));
  return run;
}

/** Ends a run of "ends as it is canceled" without a cancel, after its phases were recorded. */
export async function endOnceRecorded({ run, disk, until }: RunOnHost): Promise<void> {
  await disk.log.until(`accepted ${run}`);
  await until("EVENT_TYPE_ACTIVITY_TASK_COMPLETED");
  disk.stops.get(run)?.resolve();
}

/** Ends a run like {@linkcode endOnceRecorded} while its outcome cannot be recorded. */
export async function endUnrecorded(run: RunOnHost): Promise<void> {
  const { outbox } = run.world.plane;
  await outbox.phasesOf(run.run);
  outbox.failWrites(Infinity);
  await endOnceRecorded(run);
  await run.until('"recordOutcome"');
}
