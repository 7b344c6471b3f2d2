/** Connects the host to Temporal: the connection, encrypted payloads, its workers, and its runs' workflows. */

import type { Clock, Log } from "../../lib/ports.ts";
import { createEnvelopeCodec } from "../../lib/temporal/payloads/codec.ts";
import {
  connectTemporal,
  type TemporalServer,
  type TemporalTls,
} from "../../lib/temporal/connection.ts";
import { type HandBack, handBack } from "../../lib/temporal/hand_back.ts";
import { createRunClient } from "../../lib/temporal/run_client.ts";
import type { RunNeeds } from "../run/run.ts";
import type { HostCertificate } from "./certificate.ts";
import type { HostTemporal } from "./settings.ts";
import type { HostWork } from "./work.ts";
import { type HostWorkers, startHostWorkers } from "./worker.ts";

/** A connection to Temporal on which this host takes work. */
export interface TemporalHost {
  readonly workflows: RunNeeds["workflows"];
  /**
   * Fails an attempt of another process by its task token (base64), so that Temporal offers it again.
   * Rejects if Temporal does not answer within 5 s, or refuses the token.
   */
  handBack(token: string): Promise<HandBack>;
  /** Makes the workers. Their `run` takes work until its signal aborts, then detaches from what runs. */
  start(work: HostWork): Promise<{ run(signal: AbortSignal): Promise<void> }>;
  /** Replaces the connection by one with another certificate. Runs are not affected. */
  reconnect(certificate: HostCertificate, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface ConnectOptions {
  readonly temporal: HostTemporal;
  readonly runSlots: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * Connects, and retries until it succeeds.
 *
 * @throws the signal's reason on abort, and nothing else.
 */
export async function connectHost(options: ConnectOptions): Promise<TemporalHost> {
  const { temporal, runSlots, clock } = options;
  const { namespace, taskQueue, publicPem, bigeyePem } = temporal;
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
    handBack: (token) => handBack(token, { connection, namespace, codec, clock }),
    async start(work) {
      workers = await startHostWorkers({ connection, namespace, codec, taskQueue, runSlots, work });
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
