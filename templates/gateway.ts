/** The configuration of HAProxy as the TLS gateway in front of Temporal. */

export interface GatewayPlan {
  readonly listen: { readonly hostname: string; readonly port: number };
  /** Where plain Temporal is, `host:port`, on loopback. */
  readonly temporal: string;
}

/** Files that the configuration names beside itself, so that no path has to be quoted in it. */
export const GATEWAY_FILES = {
  /** The gateway's certificate and its key. */
  certificate: "gateway.pem",
  /** The authority of those who are let in. */
  authority: "ca.pem",
} as const;

/** Two each for a thousand hosts, the most there are, behind one NAT. */
const MOST_OF_A_SOURCE = 2_000;

/**
 * The text (HAProxy 2.6 Configuration Manual). Without tickets and a cache no session is resumed, so each
 * connection shows its certificate, and an expired one opens nothing. The port is not shared: a second
 * gateway on it would get every other connection.
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
    tcp-request connection reject if { sc0_conn_cur gt ${MOST_OF_A_SOURCE} }
    default_backend temporal

backend temporal
    server temporal ${temporal}
`;
}
