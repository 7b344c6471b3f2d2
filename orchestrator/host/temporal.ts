/** The host's side of Temporal, joined: connection, sealed payloads, workers, and the way to the workflows. */

import type { Clock, Log } from "../../lib/ports.ts";
import { createEnvelopeCodec } from "../../lib/temporal/payloads/codec.ts";
import {
  connectTemporal,
  type TemporalServer,
  type TemporalTls,
} from "../../lib/temporal/connection.ts";
import { createRunClient } from "../../lib/temporal/run_client.ts";
import type { HostWork } from "../run/attempt.ts";
import type { HostCertificate } from "./certificate.ts";
import type { Workflows } from "../run/needs.ts";
import type { HostTemporal } from "./settings.ts";
import { type HostWorkers, startHostWorkers } from "./worker.ts";

/** A connection to Temporal on which this host can take work. */
export interface TemporalHost {
  readonly workflows: Workflows;
  /** Makes the workers; what it resolves with runs them until its signal aborts, then hands back. */
  start(work: HostWork): Promise<{ run(signal: AbortSignal): Promise<void> }>;
  /** Goes on over a connection made with another certificate; no run notices. */
  reconnect(certificate: HostCertificate, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface ConnectOptions {
  readonly temporal: HostTemporal;
  readonly hostId: string;
  readonly runSlots: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Connects, as often as it takes. Rejects with the signal's reason only. */
export async function connectHost(options: ConnectOptions): Promise<TemporalHost> {
  const { temporal, hostId, runSlots, clock } = options;
  const { namespace, publicPem, bigeyePem } = temporal;
  let connection = await connectTemporal(serverOf(temporal), options);
  const codec = createEnvelopeCodec({
    privatePem: temporal.privateKey.reveal(),
    recipients: () => Promise.resolve([publicPem, bigeyePem]),
    clock,
  });
  const clientOn = () => createRunClient(connection, { namespace, codec, clock });
  let client = clientOn();
  let workers: HostWorkers | undefined;
  return {
    workflows: {
      signalPhases: (runId, phases) => client.signalPhases(runId, phases),
      isClosed: (runId) => client.isClosed(runId),
    },
    async start(work) {
      workers = await startHostWorkers({ connection, namespace, codec, hostId, runSlots, work });
      return workers;
    },
    async reconnect(certificate, signal) {
      const former = connection;
      connection = await connectTemporal(serverOf({ ...temporal, ...certificate }), {
        ...options,
        signal,
      });
      client = clientOn();
      workers?.moveTo(connection);
      await former.close();
    },
    close: () => connection.close(),
  };
}

function serverOf(temporal: HostTemporal): TemporalServer {
  const { address, apiKey } = temporal;
  const tls = tlsOf(temporal);
  return { address, ...(tls && { tls }), ...(apiKey && { apiKey: apiKey.reveal() }) };
}

function tlsOf(temporal: HostTemporal): TemporalTls | undefined {
  const { serverName, caPem, clientCertificatePem, privateKey } = temporal;
  if (serverName === undefined) return undefined;
  const client = clientCertificatePem === undefined
    ? {}
    : { client: { certificatePem: clientCertificatePem, privatePem: privateKey.reveal() } };
  return { serverName, ...(caPem === undefined ? {} : { caPem }), ...client };
}
