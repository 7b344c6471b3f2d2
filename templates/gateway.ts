/** The configuration of HAProxy, the TLS gateway in front of Temporal. */

export interface GatewayPlan {
  readonly listen: { readonly hostname: string; readonly port: number };
  /** Address of Temporal without TLS, `host:port`, on loopback. */
  readonly temporal: string;
}

/** Files in the folder of the configuration, so that it needs no quoted path. */
export const GATEWAY_FILES = {
  /** The gateway's certificate and its key. */
  certificate: "gateway.pem",
  /** The authority of the clients' certificates. */
  authority: "ca.pem",
} as const;

/** Two connections for each of 1,000 hosts, the largest number that we support, behind one NAT. */
const CONNECTIONS_PER_SOURCE = 2_000;

/**
 * Returns the text (HAProxy 2.6 Configuration Manual). Without tickets and a cache no TLS session is resumed,
 * so each connection presents its certificate, and an expired one is refused. The port is not shared, because
 * a second gateway on it would get every other connection.
 */
export function gatewayConfig({ listen: { hostname, port }, temporal }: GatewayPlan): string {
  const address = hostname.includes(":") ? `[${hostname}]` : hostname;
  const tls = [
    `ssl crt ${GATEWAY_FILES.certificate}`,
    `ca-file ${GATEWAY_FILES.authority} verify required`,
    "alpn h2 ssl-min-ver TLSv1.2 no-tls-tickets",
  ].join(" ");
  return `\
global
    noreuseport
    tune.ssl.cachesize 0

defaults
    mode tcp
    timeout connect 5s
    timeout server 5m
    # Until the handshake is over; then Temporal's client speaks every 30 s at least.
    timeout client 5s
    timeout tunnel 5m

frontend gateway
    bind ${address}:${port} ${tls}
    stick-table type ipv6 size 10k expire 1m store conn_cur
    tcp-request connection track-sc0 src,ipmask(32,64)
    tcp-request connection reject if { sc0_conn_cur gt ${CONNECTIONS_PER_SOURCE} }
    default_backend temporal

backend temporal
    server temporal ${temporal}
`;
}
