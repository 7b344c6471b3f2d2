/** The real Temporal side of the control plane, with an outbox in memory. */

import type { DispatchableRun, ScheduleStore } from "../../../control_plane/store/mod.ts";
import { startTemporalSession } from "../../../control_plane/temporal/session.ts";
import type { KeyPair } from "../../../lib/crypto/keys.ts";
import { systemClock } from "../../../lib/system/process.ts";
import { buildWorkflows } from "../../../tools/build/workflows.ts";
import { DIST } from "../../../tools/cli/paths.ts";
import { BIGEYE, COMPANY } from "../../fakes/keys/key_pairs.ts";
import { type MemoryOutbox, memoryOutbox } from "../../fakes/control_plane/run_outbox.ts";
import type { Script } from "./fake_host.ts";

export interface Keys {
  readonly bigeye: KeyPair;
  readonly company: KeyPair;
}

export const KEYS: Keys = { bigeye: BIGEYE, company: COMPANY };

export interface Plane extends AsyncDisposable {
  readonly outbox: MemoryOutbox;
  /** Queues a run and wakes the dispatcher. Returns the run's id. */
  trigger(hostId: string, script: Script, change?: Partial<DispatchableRun>): string;
  /** Requests the cancel of a run and wakes the dispatcher. */
  cancel(runId: string): void;
}

export function queuedRun(hostId: string, script: Script): DispatchableRun {
  return {
    run_id: crypto.randomUUID(),
    host_id: hostId,
    installation_id: "11111111-1111-4111-8111-111111111111",
    job_id: "job-1",
    job_name: "Nightly",
    task: { agent_type: "datahealth", parameters: { file_name: script } },
    run_limit_seconds: 60,
    created_at: "2026-01-01T00:00:00.000Z",
  };
}

/** A store without schedules, because these tests trigger all runs. */
const NO_SCHEDULES: ScheduleStore = {
  changes: () => Promise.resolve([]),
  settle: () => Promise.resolve(),
  wanted: () => Promise.resolve(null),
  jobs: () => Promise.resolve([]),
  fire: () => Promise.resolve({ outcome: "off" }),
};

export function startPlane(
  address: string,
  { bigeye, company }: Keys,
  hostWaitSeconds = 60,
): Plane {
  const outbox = memoryOutbox();
  const stop = new AbortController();
  const side = startTemporalSession({
    outbox,
    schedules: NO_SCHEDULES,
    account: { ...bigeye, companyPublicPem: () => Promise.resolve(company.publicPem) },
    temporal: { address, namespace: "default" },
    hostWaitSeconds,
    clock: systemClock,
    log: () => {},
    signal: stop.signal,
    workflowBundle: async () => ({ code: await workflowCode() }),
  });
  return {
    outbox,
    trigger(hostId, script, change = {}) {
      const run = { ...queuedRun(hostId, script), ...change };
      outbox.add(run);
      side.wake();
      return run.run_id;
    },
    cancel(runId) {
      outbox.askToCancel(runId);
      side.wake();
    },
    async [Symbol.asyncDispose]() {
      stop.abort(new Error("the plane stops"));
      await side.done;
    },
  };
}

let code: Promise<string> | undefined;

export function workflowCode(): Promise<string> {
  return code ??= buildWorkflows().then(() => Deno.readTextFile(`${DIST}/workflows.js`));
}
