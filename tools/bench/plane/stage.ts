/** The stage of the bench: a compiled control plane with a filled SQLite file and its own Temporal, without Docker. */

import { DATABASE_FILE } from "../../../control_plane/account/data_folder.ts";
import { buildBinaries } from "../../build/binaries.ts";
import { openedOrInterrupted, orInterrupted } from "../../cli/interrupted.ts";
import { DIST } from "../../cli/paths.ts";
import {
  type ControlPlane,
  startControlPlane,
} from "../../../tests/harness/scene/control_plane.ts";
import {
  startTemporal,
  type TemporalServer,
} from "../../../tests/harness/scene/temporal_server.ts";
import { delay, waitFor } from "../../../tests/harness/time/wait.ts";
import { denort } from "../../setup/deno.ts";
import { temporal } from "../../setup/temporal.ts";
import { step } from "../../cli/steps.ts";
import { type Filled, fillPlane } from "./fill.ts";
import { cpuSeconds } from "../proc.ts";

export interface PlaneStage extends AsyncDisposable {
  readonly plane: ControlPlane;
  readonly temporal: TemporalServer;
  /** The SQLite file, which the bench reads while the control plane runs. */
  readonly database: string;
  readonly filled: Filled;
}

const LOOPBACK = "127.0.0.1";
/** There is no Docker host, so that another loopback address stands in for the bridge's. */
const NO_BRIDGE = "127.0.0.2";
/** Processor seconds in a second. The worker's polls alone stay below it. */
const IDLE = 0.06;

/** Builds the programs and starts the stage. An interrupt on the way cleans up. */
export async function openPlaneStage(runs: number): Promise<PlaneStage> {
  const program = await orInterrupted(temporal());
  await orInterrupted(buildBinaries(await orInterrupted(denort())));
  return await openedOrInterrupted(startAll(program, runs));
}

async function startAll(program: string, runs: number): Promise<PlaneStage> {
  await using built = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "bigeye-plane-" });
  built.defer(() => Deno.remove(folder, { recursive: true }));
  const temporal = built.use(await startTemporal(program, { folder, hostname: LOOPBACK }));
  // The first start creates the account and the tables.
  const first = await startControlPlane(`${DIST}/bigeye-control-plane`, {
    folder,
    gateway: NO_BRIDGE,
    temporal: temporal.address,
  });
  await first[Symbol.asyncDispose]();
  const database = `${folder}/plane/${DATABASE_FILE}`;
  const filled = await step(`${runs} runs`, () => fillPlane(database, runs));
  const plane = built.use(await first.restart());
  await step("schedules of the jobs created in Temporal", () => untilIdle(plane.process.pid));
  const parts = built.move();
  return {
    plane,
    temporal,
    database,
    filled,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** Waits until the process was idle for two seconds in a row. */
async function untilIdle(pid: number): Promise<void> {
  let idleSeconds = 0;
  await waitFor(async () => {
    const before = await cpuSeconds(pid);
    await delay(1_000).done;
    idleSeconds = await cpuSeconds(pid) - before < IDLE ? idleSeconds + 1 : 0;
    return idleSeconds === 2 || undefined;
  }, { what: "the control plane to be idle", timeoutMs: 60_000, intervalMs: 0 });
}
