/** The real Temporal side of the control plane with a real store, for tests of schedules. */

import {
  MACHINE,
  openStore,
  type ScheduleStore,
  type Store,
} from "../../../control_plane/store/mod.ts";
import { startTemporalSession } from "../../../control_plane/temporal/session.ts";
import type { Job } from "../../../lib/contract/job.ts";
import type { Schedule } from "../../../lib/contract/schedules/schedule.ts";
import { systemClock } from "../../../lib/system/process.ts";
import { eventLog } from "../time/event_log.ts";
import { type Keys, workflowCode } from "./plane.ts";

export interface ScheduledPlane extends AsyncDisposable {
  readonly store: Store;
  /** Creates a job on a host that does not run, so that its runs stay active. */
  addJob(schedule: Schedule | null): Promise<Job>;
  change(jobId: string, schedule: Schedule | null): Promise<void>;
  /** Waits until Temporal has every change. */
  settled(): Promise<void>;
  /** Waits until a fire time has this outcome. */
  fired(fireTime: string, outcome: string): Promise<void>;
  /** Waits until the log has the message, for this job if `jobId` is given. */
  logged(message: string, jobId?: string): Promise<void>;
}

export interface ScheduledPlaneOptions {
  /** Temporal's address. */
  readonly address: string;
  readonly keys: Keys;
  /** The SQLite file. */
  readonly path: string;
}

export async function startScheduledPlane(
  { address, keys: { bigeye, company }, path }: ScheduledPlaneOptions,
): Promise<ScheduledPlane> {
  const store = await openStore(path, systemClock);
  const stop = new AbortController();
  const log = eventLog();
  let settling = Promise.withResolvers<void>();
  const schedules: ScheduleStore = {
    ...store.schedules,
    async settle(change) {
      await store.schedules.settle(change);
      settling.resolve();
      settling = Promise.withResolvers();
    },
    async fire(jobId, fireTime) {
      const fired = await store.schedules.fire(jobId, fireTime);
      log.add(`fired ${fireTime} ${fired.outcome}`);
      return fired;
    },
  };
  const side = startTemporalSession({
    outbox: store.outbox,
    schedules,
    account: { ...bigeye, companyPublicPem: () => Promise.resolve(company.publicPem) },
    temporal: { address, namespace: "default" },
    hostWaitSeconds: 3_600,
    clock: systemClock,
    log: (_, message, { job_id } = {}) =>
      log.add(typeof job_id === "string" ? `${message} ${job_id}` : message),
    signal: stop.signal,
    workflowBundle: async () => ({ code: await workflowCode() }),
  });

  return {
    store,
    async addJob(schedule) {
      await store.hosts.register(HOST, true, MACHINE);
      const job = await store.jobs.create({ ...JOB, schedule }, MACHINE);
      side.wake();
      return job;
    },
    async change(jobId, schedule) {
      await store.jobs.update(jobId, () => ({ ...JOB, schedule }), MACHINE);
      side.wake();
    },
    async settled() {
      for (let next = settling.promise;; next = settling.promise) {
        if ((await store.schedules.changes(1)).length === 0) return;
        await next;
      }
    },
    fired: (fireTime, outcome) => log.until(`fired ${fireTime} ${outcome}`),
    logged: (message, jobId) => log.until(jobId === undefined ? message : `${message} ${jobId}`),
    async [Symbol.asyncDispose]() {
      stop.abort(new Error("the plane stops"));
      await side.done;
      await store[Symbol.asyncDispose]();
    },
  };
}

const HOST = {
  host_id: "host-of-nobody",
  installation_id: "11111111-1111-4111-8111-111111111111",
  managed_agents: ["datahealth" as const],
  version: "1.0.0",
  replace: false,
};

const JOB = {
  name: "Nightly",
  host_id: HOST.host_id,
  agent_type: "datahealth" as const,
  parameters: { file_name: "nightly.yml" },
  run_limit_seconds: 60,
};
