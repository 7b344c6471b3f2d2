/** The configuration of HAProxy. */

import assert from "node:assert/strict";
import { gatewayConfig } from "../../templates/gateway.ts";

const bindOf = (hostname: string): string | undefined =>
  /bind (\S+) (.*)/.exec(
    gatewayConfig({ listen: { hostname, port: 7234 }, temporal: "127.0.0.1:7233" }),
  )?.[1];

// Attacker: can connect to the port. Each connection needs a certificate of the account's authority, over HTTP/2
// and TLS 1.2 or newer. A client that does not send one in time is disconnected,
// and its connections are limited.
Deno.test("the gateway requires a certificate of every client and forwards the bytes", () => {
  assert.equal(
    gatewayConfig({ listen: { hostname: "10.0.0.5", port: 7234 }, temporal: "127.0.0.1:7233" }),
    `\
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
    bind 10.0.0.5:7234 ssl crt gateway.pem ca-file ca.pem verify required alpn h2 ssl-min-ver TLSv1.2 no-tls-tickets
    stick-table type ipv6 size 10k expire 1m store conn_cur
    tcp-request connection track-sc0 src,ipmask(32,64)
    tcp-request connection reject if { sc0_conn_cur gt 2000 }
    default_backend temporal

backend temporal
    server temporal 127.0.0.1:7233
`,
  );
});

Deno.test("an IPv6 address is written in brackets", () => {
  assert.deepEqual([bindOf("::"), bindOf("plane.internal")], ["[::]:7234", "plane.internal:7234"]);
});
