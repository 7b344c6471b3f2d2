/** `bigeye-agent serve`: runs the orchestrator service, from the boundary check to the last detached run. */

import { verifyBoundary } from "../boundary/verify.ts";
import { anySignal } from "../lib/async/abort.ts";
import { importKey } from "../lib/crypto/keys.ts";
import { Engine } from "../lib/docker/engine.ts";
import type { Clock, Fetch, Files, Identity, LockFile, Log, Uptime } from "../lib/ports.ts";
import { reasonOf } from "../lib/problems/problem.ts";
import type { NetworkOptions } from "../lib/system/network.ts";
import { VERSION } from "../lib/version.ts";
import { createHostBigeye, type HostBigeye } from "./host/bigeye.ts";
import { type HostCertificate, keepCertificate, usableCertificate } from "./host/certificate.ts";
import { lockHostFolder } from "./host/folder_lock.ts";
import { type HealthState, keepHealthFile } from "./host/health.ts";
import { createHeartbeatLoop } from "./host/heartbeat.ts";
import { type LastWarning, recordLastWarning } from "./host/last_warning.ts";
import { handBackAttempts } from "./host/left_attempts.ts";
import { readServeSettings, type ServeSettings } from "./host/settings.ts";
import type { ConnectOptions, TemporalHost } from "./host/temporal.ts";
import { createHostWork } from "./host/work.ts";
import { ActiveRuns } from "./run/active_runs.ts";
import { Journals } from "./run/journal.ts";
import { Reconciler } from "./run/reconcile.ts";
import type { RunNeeds } from "./run/run.ts";

export interface ServeNeeds {
  /** The host folder. Its path must be the same on the host and here. */
  readonly folder: string;
  /** URL of the socket proxy, as in `http://docker-socket-proxy:2375`. */
  readonly dockerUrl: string;
  /** Reaches the socket proxy directly, never through the network's forward proxy. */
  readonly dockerFetch: Fetch;
  /** Makes the fetch that reaches Bigeye. */
  readonly network: (options: NetworkOptions) => Fetch;
  /** `connectHost` of `host/temporal.ts`. Passed in, so that the Temporal SDK is loaded only when needed. */
  readonly connect: (options: ConnectOptions) => Promise<TemporalHost>;
  /** Path of the file that `serve --health` reads. */
  readonly healthPath: string;
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Log;
  readonly identity: Identity;
  readonly lockFile: LockFile;
  readonly uptime: Uptime;
}

/**
 * Serves until the signal aborts, then detaches from its runs without touching their containers, and
 * resolves.
 *
 * @throws the Problems of the boundary (exit 6) and of the settings, `host_folder_in_use` (exit 5),
 * `host_taken_over` (exit 5) once another machine owns the host id, and the failure of a worker.
 */
export async function serve(asked: ServeNeeds, signal: AbortSignal): Promise<void> {
  const warnings = recordLastWarning(asked.log, asked.clock);
  const needs = { ...asked, log: warnings.log };
  const ended = new AbortController();
  const state: { now: HealthState } = { now: "starting" };
  const health = keepHealthFile(needs.healthPath, {
    ...needs,
    state: () => state.now,
    signal: ended.signal,
  }).catch((error) =>
    needs.log("error", "could not write the health file", { error: reasonOf(error) })
  );
  try {
    await serveUntil(signal, { needs, warnings, onWorking: () => state.now = "working" });
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    ended.abort();
    await health;
    needs.log("info", "stopped");
  }
}

interface Serving {
  readonly needs: ServeNeeds;
  readonly warnings: LastWarning;
  readonly onWorking: () => void;
}

async function serveUntil(
  signal: AbortSignal,
  { needs, warnings, onWorking }: Serving,
): Promise<void> {
  const { folder, dockerUrl, dockerFetch, files, clock, log } = needs;
  const place = { folder, url: dockerUrl, signal };
  const verdict = await verifyBoundary({ files, clock, fetch: dockerFetch }, place);
  log("info", "boundary verified", { ...verdict });

  const settings = await readServeSettings(folder, needs);
  using lock = await lockHostFolder(folder, needs);
  const engine = new Engine({ fetch: dockerFetch, clock, baseUrl: dockerUrl });
  const init = await engine.hasInit(signal);
  const { concurrentRuns: runSlots, host: { hostId } } = settings;
  const active = new ActiveRuns();
  const lastWarning = warnings.last;
  const bigeye = await createHostBigeye(settings, {
    ...needs,
    engine,
    active,
    lastWarning,
    signal,
  });
  const certificate = await certificateOf({ needs, settings, bigeye, signal });
  const temporal = { ...settings.temporal, ...certificate };
  const host = await needs.connect({ temporal, runSlots, clock, log, signal });
  try {
    const run: RunNeeds = {
      engine,
      files,
      clock,
      log,
      workflows: host.workflows,
      reader: { publicKey: await importKey(temporal.bigeyePem, "verify"), hostId },
      host: { ...settings.host, init },
      journals: new Journals({ files, clock, log, folder }),
      active,
      machineStartedAt: new Date(clock.now().getTime() - needs.uptime() * 1_000).toISOString(),
    };
    const isLocked = lock !== undefined;
    await work(host, { needs, settings, bigeye, certificate, run, isLocked, onWorking, signal });
  } finally {
    await host.close();
  }
}

interface Working {
  readonly needs: ServeNeeds;
  readonly settings: ServeSettings;
  readonly bigeye: HostBigeye;
  readonly certificate: HostCertificate | undefined;
  readonly run: RunNeeds;
  /** Whether this process has the host folder for itself. */
  readonly isLocked: boolean;
  readonly onWorking: () => void;
  readonly signal: AbortSignal;
}

/**
 * Runs the workers, the reconciler, the heartbeats and the renewal of the certificate. When one of them
 * ends, all end, and the first failure is thrown.
 */
async function work(temporal: TemporalHost, working: Working): Promise<void> {
  const { needs, settings, bigeye, certificate, run, isLocked, onWorking, signal } = working;
  const { hostId } = settings.host;
  const reconciler = new Reconciler(run);
  const earlier = await reconciler.findUnattended(signal);
  const key = await importKey(settings.temporal.privateKey.reveal(), "sign");
  const options = { hostId, beat: bigeye.beat };
  const heartbeats = createHeartbeatLoop({ ...needs, bigeye: bigeye.client }, options);
  const isOwner = await heartbeats.confirmOwner(signal);
  // Only our own control plane checks who sends a heartbeat, and retries an attempt that was handed back.
  if (isOwner && isLocked && settings.bigeye.takesReports) {
    await handBackAttempts(earlier, { run, handBack: temporal.handBack });
  }
  const hostWork = createHostWork({ run, key, checkOwner: heartbeats.wake });
  const workers = await temporal.start(hostWork);
  const over = new AbortController();
  using either = anySignal(signal, over.signal);
  const until = either.signal;
  const owned = (task: Promise<void>) => task.finally(() => over.abort());
  const tasks = [
    owned(workers.run(until)),
    owned(reconciler.run(until)),
    owned(heartbeats.run(until)),
  ];
  if (certificate) {
    const renewal = { ...needs, renew: bigeye.renew, signal: until };
    const reconnect = (next: HostCertificate) => temporal.reconnect(next, until);
    tasks.push(owned(keepCertificate(certificate, renewal, reconnect)));
  }
  needs.log("info", "temporal worker started", { host_id: hostId, version: VERSION });
  onWorking();
  const failed = (await Promise.allSettled(tasks)).find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
}

/** Resolves with `undefined` if Temporal asks for no client certificate. */
async function certificateOf(
  { needs, settings, bigeye, signal }: Pick<Working, "needs" | "settings" | "bigeye" | "signal">,
): Promise<HostCertificate | undefined> {
  const { serverName, clientCertificatePem, caPem } = settings.temporal;
  if (serverName === undefined || clientCertificatePem === undefined || caPem === undefined) {
    return undefined;
  }
  const present = { clientCertificatePem, caPem };
  return await usableCertificate(present, { ...needs, renew: bigeye.renew, signal });
}
