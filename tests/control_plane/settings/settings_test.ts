/** The settings of `serve` from flags, environment variables and defaults. */

import assert from "node:assert/strict";
import { planeSettings } from "../../../control_plane/settings/settings.ts";
import { trustedProxies } from "../../../control_plane/http/trusted_proxies.ts";
import { Problem } from "../../../lib/problems/problem.ts";

const from = (variables: Readonly<Record<string, string>> = {}) => ({
  env: (name: string) => variables[name],
  folder: "/here",
});

Deno.test("everything but the data folder has a default", () => {
  assert.deepEqual(planeSettings({ data: "plane" }, from()), {
    data: "/here/plane",
    listen: [{ hostname: "127.0.0.1", port: 8080 }],
    proxies: trustedProxies(undefined),
    temporal: { program: "temporal", namespace: "default" },
    temporalPublicAddress: "127.0.0.1:7234",
    gateway: { hostname: "127.0.0.1", port: 7234 },
    hostWaitSeconds: 3600,
    keep: { runsDays: 90, auditDays: 400 },
    adminKeyFile: undefined,
  });
});

Deno.test("a flag overrides its variable, and a variable the default", () => {
  const variables = {
    BIGEYE_PLANE_DATA: "/var/lib/bigeye",
    BIGEYE_PLANE_LISTEN: "127.0.0.1:1, [::1]:2",
    BIGEYE_PLANE_TEMPORAL_ADDRESS: "temporal:7233",
    BIGEYE_PLANE_TEMPORAL_NAMESPACE: "bigeye",
    BIGEYE_PLANE_HOST_WAIT: "5",
    BIGEYE_PLANE_KEEP_RUNS_DAYS: "30",
    BIGEYE_PLANE_KEEP_AUDIT_DAYS: "3650",
  };
  assert.deepEqual(planeSettings({}, from(variables)), {
    data: "/var/lib/bigeye",
    listen: [{ hostname: "127.0.0.1", port: 1 }, { hostname: "::1", port: 2 }],
    proxies: trustedProxies(undefined),
    temporal: { address: "temporal:7233", namespace: "bigeye" },
    hostWaitSeconds: 5,
    keep: { runsDays: 30, auditDays: 3650 },
    adminKeyFile: undefined,
  });
  const flags = {
    data: "/data",
    listen: ["0.0.0.0:80"],
    temporalAddress: "a:1",
    temporalNamespace: "n",
    temporalPublicAddress: "b:2",
    hostWait: "7",
    keepRunsDays: "1",
    keepAuditDays: "36500",
    adminKeyFile: "key",
  };
  assert.deepEqual(planeSettings(flags, from(variables)), {
    data: "/data",
    listen: [{ hostname: "0.0.0.0", port: 80 }],
    proxies: trustedProxies(undefined),
    temporal: { address: "a:1", namespace: "n" },
    temporalPublicAddress: "b:2",
    hostWaitSeconds: 7,
    keep: { runsDays: 1, auditDays: 36_500 },
    adminKeyFile: "/here/key",
  });
});

Deno.test("trusted proxies are set by a flag or its variable", () => {
  const named = [
    planeSettings({ data: "/d", trustedProxy: "10.0.0.3" }, from()),
    planeSettings({ data: "/d" }, from({ BIGEYE_PLANE_TRUSTED_PROXY: "10.0.0.3" })),
    planeSettings({ data: "/d" }, from()),
  ];
  assert.deepEqual(named.map(({ proxies }) => proxies?.check("10.0.0.3")), [
    true,
    true,
    undefined,
  ]);
});

Deno.test("an invalid value is refused with the name of its flag or variable", () => {
  const message = (flags: Parameters<typeof planeSettings>[0], variables = {}) => {
    try {
      planeSettings(flags, from(variables));
      return "accepted";
    } catch (error) {
      assert.ok(error instanceof Problem);
      return error.message;
    }
  };
  assert.deepEqual([
    message({}),
    message({ data: "x", listen: ["8080"] }),
    message({ data: "x" }, { BIGEYE_PLANE_LISTEN: "127.0.0.1:70000" }),
    message({ data: "x", temporalAddress: "http://temporal:7233" }),
    message({ data: "x", hostWait: "1h" }),
    message({ data: "x", keepRunsDays: "0" }),
    message({ data: "x" }, { BIGEYE_PLANE_KEEP_AUDIT_DAYS: "for ever" }),
    message({ data: "x", trustedProxy: "10.0.0.3, proxy.internal" }),
  ], [
    "Cannot find the data folder: none was named",
    'Cannot use the address to listen on from --listen: it is not HOST:PORT but "8080"',
    'Cannot use the address to listen on from BIGEYE_PLANE_LISTEN: it is not HOST:PORT but "127.0.0.1:70000"',
    'Cannot use the Temporal address from --temporal-address: it is not HOST:PORT but "http://temporal:7233"',
    'Cannot use the wait for a host from --host-wait: it must be 1 to 604800 seconds, not "1h"',
    'Cannot use the age of runs from --keep-runs-days: it must be 1 to 36500 days, not "0"',
    'Cannot use the age of audit entries from BIGEYE_PLANE_KEEP_AUDIT_DAYS: it must be 1 to 36500 days, not "for ever"',
    'Cannot use the address of the proxy from --trusted-proxy: it has "proxy.internal", which is not an IP address or network',
  ]);
});

Deno.test("hosts reach Temporal through the gateway, or an existing Temporal with its name, authority and key", () => {
  const gateway = planeSettings({ data: "/d", gatewayListen: "10.0.0.5:7234" }, from());
  assert.deepEqual([gateway.gateway, gateway.temporalPublicAddress, gateway.temporal], [
    { hostname: "10.0.0.5", port: 7234 },
    "10.0.0.5:7234",
    { program: "temporal", namespace: "default" },
  ]);
  const own = planeSettings(
    { data: "/d", temporalServerName: "temporal.test" },
    from({
      BIGEYE_PLANE_TEMPORAL_ADDRESS: "temporal.test:443",
      BIGEYE_PLANE_TEMPORAL_CA_FILE: "ca.pem",
      BIGEYE_PLANE_TEMPORAL_API_KEY_FILE: "/run/key",
    }),
  );
  assert.deepEqual(own.temporal, {
    address: "temporal.test:443",
    namespace: "default",
    serverName: "temporal.test",
    caFile: "/here/ca.pem",
    apiKeyFile: "/run/key",
  });
});

// Without a gateway, hosts would reach the control plane's own Temporal without TLS, or not at all.
Deno.test("the gateway of the own Temporal listens on the first REST address that is not loopback", () => {
  const gatewayOf = (flags: Parameters<typeof planeSettings>[0]) => {
    const { gateway, temporalPublicAddress } = planeSettings({ data: "/d", ...flags }, from());
    return [gateway, temporalPublicAddress];
  };
  assert.deepEqual([
    gatewayOf({
      listen: ["127.0.0.1:80", "localhost:80", "[::1]:80", "10.0.0.5:80", "10.0.0.6:80"],
    }),
    gatewayOf({ listen: ["[::1]:80"] }),
    gatewayOf({ listen: ["[fd00::5]:80"], temporalPublicAddress: "plane.test:7000" }),
    gatewayOf({ listen: ["10.0.0.5:80"], gatewayListen: "10.0.0.6:7000" }),
    gatewayOf({ listen: ["10.0.0.5:80"], temporalAddress: "127.0.0.1:7233" }),
  ], [
    [{ hostname: "10.0.0.5", port: 7234 }, "10.0.0.5:7234"],
    [{ hostname: "::1", port: 7234 }, "[::1]:7234"],
    [{ hostname: "fd00::5", port: 7234 }, "plane.test:7000"],
    [{ hostname: "10.0.0.6", port: 7000 }, "10.0.0.6:7000"],
    [undefined, undefined],
  ]);
});

// Otherwise a Temporal behind a gateway could be reached without it, or an API key would be sent without TLS.
Deno.test("insecure settings of Temporal are refused", () => {
  const message = (flags: Parameters<typeof planeSettings>[0]) => {
    try {
      planeSettings({ data: "x", ...flags }, from());
      return "accepted";
    } catch (error) {
      assert.ok(error instanceof Problem);
      return error.message;
    }
  };
  const gatewayListen = "0.0.0.0:7234";
  assert.deepEqual([
    message({ gatewayListen, temporalAddress: "10.0.0.5:7233" }),
    message({ gatewayListen, temporalAddress: "127.temporal.test:7233" }),
    message({ gatewayListen, temporalAddress: "127.0.0.2:7233" }),
    message({ gatewayListen, temporalServerName: "temporal.test" }),
    message({ gatewayListen: "0.0.0.0:0" }),
    message({ temporalAddress: "10.0.0.5:7233", temporalApiKeyFile: "key" }),
    message({ temporalServerName: "temporal.test" }),
  ], [
    "Cannot use the Temporal address from --temporal-address: it must be on loopback if there is a gateway",
    "Cannot use the Temporal address from --temporal-address: it must be on loopback if there is a gateway",
    "accepted",
    "Cannot use --temporal-server-name together with --gateway-listen",
    "Cannot use the address of the gateway from --gateway-listen: it must name a port",
    "Cannot use --temporal-api-key-file without --temporal-server-name",
    "Cannot use --temporal-server-name without --temporal-address",
  ]);
});

Deno.test("the own Temporal is a program, and is refused with --temporal-address or a Postgres", () => {
  const flags = { data: "/d", temporalServer: "bin/temporal", temporalNamespace: "bigeye" };
  assert.deepEqual(planeSettings(flags, from()).temporal, {
    program: "/here/bin/temporal",
    namespace: "bigeye",
  });
  assert.throws(() => planeSettings({ ...flags, temporalAddress: "a:1" }, from()), {
    message: "Cannot use --temporal-server together with --temporal-address",
  });
  assert.throws(() => planeSettings({ data: "/d", databaseUrl: "postgres://db/plane" }, from()), {
    message: "Cannot use --database-url without --temporal-address",
    hint: "Add --temporal-address, or leave out --database-url",
  });
});
