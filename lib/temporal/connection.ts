/** Connects to Temporal, and retries until it answers. Native only: grpc-js fails on Deno 2.7.11. */

import { NativeConnection, type NativeConnectionOptions } from "@temporalio/worker";
import { withDeadline } from "../async/timing.ts";
import { retryWithBackoff } from "../async/retry.ts";
import type { Clock, Log } from "../ports.ts";
import { reasonOf } from "../problems/problem.ts";
import { installRuntime } from "./runtime.ts";

export interface TemporalServer {
  /** `host:port`. */
  readonly address: string;
  /** Absent means no TLS. */
  readonly tls?: TemporalTls;
  /** Sent as `Authorization: Bearer …`; absent where the server asks for none. */
  readonly apiKey?: string;
}

/** All texts are PEM. The client's certificate and key are for mutual TLS; give both or neither. */
export interface TemporalTls {
  /** The name that the server's certificate must carry; default the host of the address. */
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

/**
 * Connects, and retries until it succeeds. Warns at the first failure and logs its end.
 * The caller closes the connection after its workers.
 *
 * @throws the signal's reason on abort, and nothing else.
 */
export async function connectTemporal(
  server: TemporalServer,
  { clock, log, signal }: ConnectionNeeds,
): Promise<NativeConnection> {
  installRuntime(log);
  const { address } = server;
  const options = nativeOptions(server);
  const connect = () =>
    withDeadline(clock, { ms: ATTEMPT_MS, signal }, (wait) => connectOnce(options, wait));
  let failed = false;
  const onFailure = (error: unknown) => {
    if (failed) return;
    failed = true;
    log("warn", "temporal is not reachable, retrying", { address, error: reasonOf(error) });
  };
  const connection = await retryWithBackoff(connect, { clock, signal, onFailure });
  if (failed) log("info", "temporal is reachable", { address });
  return connection;
}

/**
 * Resolves once a Temporal that is just starting takes calls, without logging that it does not answer
 * yet. Rejects with the signal's reason only.
 */
export async function waitForTemporal(
  address: string,
  { clock, log, signal }: ConnectionNeeds,
): Promise<void> {
  // The first call decides where the SDK logs from now on.
  installRuntime(log);
  const connection = await connectTemporal({ address }, { clock, log: () => {}, signal });
  await connection.close();
}

/** The SDK's connect takes no signal: on abort it is abandoned, and closed if it succeeds later. */
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
