/** The network ports: HTTP client and server, the TLS probe, and a search for a free port. */

import { orAbort } from "../async/abort.ts";
import type {
  Fetch,
  FreePort,
  HttpHandler,
  ProbeTls,
  ServeHttpOptions,
  TlsProbe,
} from "../ports.ts";

export interface NetworkOptions {
  /** Proxy URL; default what the usual environment variables name. */
  readonly proxy?: string;
  /** PEM of further certificate authorities to trust. */
  readonly caCertificates?: readonly string[];
}

/** A {@linkcode Fetch} over the network. It follows no redirect, which would send the key to another server. */
export function systemFetch(options: NetworkOptions = {}): Fetch {
  const client = Deno.createHttpClient({
    ...(options.proxy === undefined ? {} : { proxy: { url: options.proxy } }),
    ...(options.caCertificates === undefined ? {} : { caCerts: [...options.caCertificates] }),
  });
  return (request) => fetch(request, { client, redirect: "manual" });
}

/** A {@linkcode Fetch} to an HTTP server behind a Unix socket; the URL's host is ignored. */
export function engineSocketFetch(path: string): Fetch {
  const client = Deno.createHttpClient({ proxy: { transport: "unix", path } });
  return (request) => fetch(request, { client, redirect: "manual" });
}

/** A {@linkcode Fetch} to one server over TCP, whatever proxy the environment names. */
export function directFetch(url: string): Fetch {
  const { hostname, port } = new URL(url);
  const client = Deno.createHttpClient({
    proxy: { transport: "tcp", hostname, port: Number(port) || 80 },
  });
  return (request) => fetch(request, { client, redirect: "manual" });
}

/** Serves HTTP until the signal aborts, which also cuts open streams; `handler` must answer every failure itself. */
export async function systemServeHttp(
  handler: HttpHandler,
  options: ServeHttpOptions,
): Promise<void> {
  const { hostname, port, signal, onListen } = options;
  signal.throwIfAborted();
  const server = Deno.serve({
    hostname,
    port,
    signal,
    onListen: (address) => onListen?.(address.port),
  }, (request, { remoteAddr }) => handler(request, remoteAddr.hostname));
  await server.finished;
}

/** The client's half of TLS only: a TLS server of Deno 2.7.11 ignores client certificates. */
export async function systemProbeTls(options: TlsProbe): ReturnType<ProbeTls> {
  try {
    await readFirstByte(options);
    return undefined;
  } catch (error) {
    const alert = alertIn(error);
    if (alert === undefined) throw error;
    return alert;
  }
}

async function readFirstByte({ hostname, port, caPem, client, signal }: TlsProbe): Promise<void> {
  const connecting = Deno.connectTls({
    hostname,
    port,
    caCerts: [caPem],
    alpnProtocols: ["h2"],
    ...(client === undefined ? {} : { cert: client.certificatePem, key: client.privatePem }),
  });
  try {
    await orAbort(handshakeAndRead(connecting), signal);
  } finally {
    // A TLS connection that is still being made takes no signal in Deno.
    connecting.then((connection) => connection.close(), () => {});
  }
}

/** In TLS 1.3 the client's handshake ends before the server judges its certificate, so only a read shows the alert. */
async function handshakeAndRead(connecting: Promise<Deno.TlsConn>): Promise<void> {
  const connection = await connecting;
  await connection.handshake();
  await connection.read(new Uint8Array(1));
}

/** Reads the alert's name from the message, which is rustls's; Deno has no field for it. */
function alertIn(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return /^received fatal alert: (\w+)$/.exec(error.message)?.[1];
}

/** Below the ports that the kernel hands out by itself (ip_local_port_range). */
const [FIRST_PORT, LAST_PORT] = [15_000, 32_000];

/**
 * Finds a port that nothing listens on. The kernel does not give it to a connection before a program
 * listens on it: not to another program's, and not to a client that dials it, which would then be
 * connected to itself.
 */
export function systemFreePort(): ReturnType<FreePort> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT));
    try {
      Deno.listen({ hostname: "0.0.0.0", port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}
