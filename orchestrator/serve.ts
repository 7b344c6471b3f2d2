/** `bigeye-agent serve`: the orchestrator service, from the boundary's verdict to the last hand-back. */

import { verifyBoundary } from "../boundary/verify.ts";
import { anySignal } from "../lib/async/abort.ts";
import type { ControlRequest } from "../lib/contract/dispatch.ts";
import { Engine } from "../lib/docker/engine.ts";
import { importKey } from "../lib/crypto/keys.ts";
import type { Clock, Fetch, Files, Identity, Log } from "../lib/ports.ts";
import { reasonOf } from "../lib/problems/problem.ts";
import type { NetworkOptions } from "../lib/system/fetch.ts";
import { VERSION } from "../lib/version.ts";
import { ActiveRuns } from "./run/active_runs.ts";
import { type BigeyeOfHost, bigeyeOfHost } from "./host/bigeye.ts";
import { goodCertificate, type HostCertificate, keepCertificate } from "./host/certificate.ts";
import { type Complaints, listeningForComplaints } from "./host/last_warning.ts";
import { cancelRun, releaseRun } from "./run/control.ts";
import { foreignWatch, refuseForeign } from "./run/foreign_run.ts";
import { type HealthState, keepHealthFile } from "./host/health.ts";
import { createHeartbeatLoop } from "./host/heartbeat.ts";
import { Journals } from "./run/journal.ts";
import type { RunNeeds } from "./run/needs.ts";
import { Reconciler } from "./run/reconcile.ts";
import { readServeSettings, type ServeSettings } from "./host/settings.ts";
import { runAndSign } from "./run/signed_run.ts";
import type { ConnectOptions, TemporalHost } from "./host/temporal.ts";

export interface ServeNeeds {
  /** The host folder; the same path on the host and here. */
  readonly folder: string;
  /** Where the socket proxy is, as in `http://docker-socket-proxy:2375`. */
  readonly dockerUrl: string;
  /** Reaches the proxy directly, whatever forward proxy the network needs. */
  readonly dockerFetch: Fetch;
  /** A way to Bigeye. */
  readonly network: (options: NetworkOptions) => Fetch;
  /** `connectHost` of `temporal_host.ts`; handed in so that it is loaded only when it is needed. */
  readonly connect: (options: ConnectOptions) => Promise<TemporalHost>;
  /** The file of `serve --health`. */
  readonly healthPath: string;
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Log;
  readonly identity: Identity;
}

/**
 * Serves until the signal aborts, then lets go of what runs without touching its containers, and
 * resolves. Throws the boundary's Problems (exit 6), those of the settings, `host_taken_over` (exit 5)
 * once another machine owns the host, and a worker's failure.
 */
export async function serve(asked: ServeNeeds, signal: AbortSignal): Promise<void> {
  const complaints = listeningForComplaints(asked.log, asked.clock);
  const needs = { ...asked, log: complaints.log };
  const ended = new AbortController();
  const state: { now: HealthState } = { now: "starting" };
  const health = keepHealthFile(needs.healthPath, {
    ...needs,
    state: () => state.now,
    signal: ended.signal,
  }).catch((error) => needs.log("error", "health not written", { error: reasonOf(error) }));
  try {
    await serveUntil(signal, { needs, complaints, onWorking: () => state.now = "working" });
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
  readonly complaints: Complaints;
  readonly onWorking: () => void;
}

async function serveUntil(
  signal: AbortSignal,
  { needs, complaints, onWorking }: Serving,
): Promise<void> {
  const { folder, dockerUrl, dockerFetch, files, clock, log } = needs;
  const place = { folder, url: dockerUrl, signal };
  const verdict = await verifyBoundary({ files, clock, fetch: dockerFetch }, place);
  log("info", "boundary verified", { ...verdict });

  const settings = await readServeSettings(folder, needs);
  const engine = new Engine({ fetch: dockerFetch, clock, baseUrl: dockerUrl });
  const init = await engine.hasInit(signal);
  const { concurrentRuns: runSlots, host: { hostId } } = settings;
  const active = new ActiveRuns();
  const lastComplaint = complaints.last;
  const bigeye = await bigeyeOfHost(settings, { ...needs, engine, active, lastComplaint, signal });
  const certificate = await certificateOf({ needs, settings, bigeye, signal });
  const temporal = { ...settings.temporal, ...certificate };
  const host = await needs.connect({ temporal, hostId, runSlots, clock, log, signal });
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
    };
    await work(host, { needs, settings, bigeye, certificate, run, onWorking, signal });
  } finally {
    await host.close();
  }
}

interface Working {
  readonly needs: ServeNeeds;
  readonly settings: ServeSettings;
  readonly bigeye: BigeyeOfHost;
  readonly certificate: HostCertificate | undefined;
  readonly run: RunNeeds;
  readonly onWorking: () => void;
  readonly signal: AbortSignal;
}

/** The workers and what goes on beside them; when one ends, all end, and the first failure is told. */
async function work(temporal: TemporalHost, working: Working): Promise<void> {
  const { needs, settings, bigeye, certificate, run, onWorking, signal } = working;
  const { hostId } = settings.host;
  const reconciler = new Reconciler(run);
  await reconciler.survey(signal);
  const key = await importKey(settings.temporal.privateKey.reveal(), "sign");
  const heart = createHeartbeatLoop({ ...needs, bigeye: bigeye.client }, {
    hostId,
    body: bigeye.body,
  });
  await heart.confirmOwner(signal);
  const watched = foreignWatch({ log: needs.log, ask: heart.wake });
  const ofOwn = (act: (needs: RunNeeds, runId: string) => Promise<void>) =>
    watched(async (request: ControlRequest) => {
      refuseForeign(request, run.host);
      await act(run, request.run_id);
    });
  const workers = await temporal.start({
    runAgentJob: watched((signed, attempt) => runAndSign(run, { signed, attempt, key })),
    cancelRun: ofOwn(cancelRun),
    releaseRun: ofOwn(releaseRun),
  });
  const over = new AbortController();
  using either = anySignal(signal, over.signal);
  const until = either.signal;
  const owned = (task: Promise<void>) => task.finally(() => over.abort());
  const tasks = [
    owned(workers.run(until)),
    owned(reconciler.run(until)),
    owned(heart.run(until)),
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

/** Nothing where Temporal asks for none. */
async function certificateOf(
  { needs, settings, bigeye, signal }: Pick<Working, "needs" | "settings" | "bigeye" | "signal">,
): Promise<HostCertificate | undefined> {
  const { serverName, clientCertificatePem, caPem } = settings.temporal;
  if (serverName === undefined || clientCertificatePem === undefined || caPem === undefined) {
    return undefined;
  }
  const present = { clientCertificatePem, caPem };
  return await goodCertificate(present, { ...needs, renew: bigeye.renew, signal });
}
