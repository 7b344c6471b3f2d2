/** The one way to Temporal: a native connection (grpc-js fails on Deno 2.7.11), waited for. */

import { NativeConnection, type NativeConnectionOptions } from "@temporalio/worker";
import { withDeadline } from "../async/timing.ts";
import type { Clock, Log } from "../ports.ts";
import { reasonOf } from "../problems/problem.ts";
import { installRuntime } from "./runtime.ts";

export interface TemporalServer {
  /** `host:port`. */
  readonly address: string;
  /** Absent means no TLS. */
  readonly tls?: TemporalTls;
  /** Sent as `Authorization: Bearer …`, for servers that ask for one. */
  readonly apiKey?: string;
}

/** All PEM. The client's pair is for mutual TLS and comes whole or not at all. */
export interface TemporalTls {
  /** The name that the server's certificate must carry, when it is not the address's. */
  readonly serverName?: string;
  readonly caPem?: string;
  readonly client?: { readonly certificatePem: string; readonly privatePem: string };
}

export interface ConnectionNeeds {
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

const ATTEMPT_MS = 10_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Connects, as often as it takes; warns at the first failure and tells when it is over.
 * Rejects with the signal's reason only. The caller closes the connection after its workers.
 */
export async function connectTemporal(
  server: TemporalServer,
  { clock, log, signal }: ConnectionNeeds,
): Promise<NativeConnection> {
  installRuntime(log);
  const options = nativeOptions(server);
  for (let pause = FIRST_PAUSE_MS;; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    signal.throwIfAborted();
    try {
      const connection = await withDeadline(
        clock,
        { ms: ATTEMPT_MS, signal },
        (wait) => connectOnce(options, wait),
      );
      if (pause > FIRST_PAUSE_MS) log("info", "temporal is reachable", { address: server.address });
      return connection;
    } catch (error) {
      signal.throwIfAborted();
      if (pause === FIRST_PAUSE_MS) {
        const { address } = server;
        log("warn", "temporal is not reachable, trying on", { address, error: reasonOf(error) });
      }
    }
    await clock.sleep(pause, signal);
  }
}

/** The SDK's connect knows no signal: on abort it is left, and closed should it succeed later. */
function connectOnce(
  options: NativeConnectionOptions,
  signal: AbortSignal,
): Promise<NativeConnection> {
  const { promise, resolve, reject } = Promise.withResolvers<NativeConnection>();
  const leave = () => reject(signal.reason);
  signal.addEventListener("abort", leave, { once: true });
  NativeConnection.connect(options)
    .then((connection) => {
      if (!signal.aborted) return resolve(connection);
      return connection.close();
    })
    .catch(reject)
    .finally(() => signal.removeEventListener("abort", leave));
  return promise;
}

function nativeOptions({ address, tls, apiKey }: TemporalServer): NativeConnectionOptions {
  return {
    address,
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(tls === undefined ? {} : { tls: tlsOptions(tls) }),
  };
}

function tlsOptions({ serverName, caPem, client }: TemporalTls) {
  return {
    ...(serverName === undefined ? {} : { serverNameOverride: serverName }),
    ...(caPem === undefined ? {} : { serverRootCACertificate: pemBytes(caPem) }),
    ...(client === undefined ? {} : {
      clientCertPair: {
        crt: pemBytes(client.certificatePem),
        key: pemBytes(client.privatePem),
      },
    }),
  };
}

const pemBytes = (pem: string): Uint8Array => new TextEncoder().encode(pem);
