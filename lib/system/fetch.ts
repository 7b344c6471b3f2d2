/** HTTP for real: over the network, through a proxy, or through the engine's Unix socket. */

import type { Fetch } from "../ports.ts";

export interface NetworkOptions {
  /** Proxy URL; by default the usual environment variables decide. */
  readonly proxy?: string;
  /** PEM of further certificate authorities to trust. */
  readonly caCertificates?: readonly string[];
}

/** A {@linkcode Fetch} over the network; redirects are not followed, they would carry a key elsewhere. */
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
