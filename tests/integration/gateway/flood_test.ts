/** Limits of the gateway that keep its port available to hosts during a flood of connections. */

import assert from "node:assert/strict";
import { inFolder } from "../../fakes/system/temporary_folder.ts";
import { until } from "../../harness/time/wait.ts";
import {
  asked,
  echo,
  gatewayTest,
  haproxyWith,
  listener,
  portOf,
  startGateway,
} from "../support/gateway.ts";

// Attacker: has no certificate, opens connections and sends nothing.
gatewayTest(
  "a connection without a TLS handshake is closed, and an authenticated one may be idle",
  () =>
    inFolder(async (folder) => {
      await using temporal = echo();
      await using gateway = await startGateway({ folder, temporal: temporal.address });
      const { right } = await gateway.authority.issueProbes();
      const port = portOf(gateway.address);
      using host = await Deno.connectTls({
        hostname: "127.0.0.1",
        port,
        caCerts: [gateway.authority.pem],
        cert: right.certificatePem,
        key: right.privatePem,
        alpnProtocols: ["h2"],
      });
      assert.equal(await received(host), "ready");
      using silent = await Deno.connect({ port });
      using slow = await Deno.connect({ port });
      // Only the first byte of a TLS record.
      await slow.write(new Uint8Array([0x16]));
      assert.deepEqual([await isOver(silent), await isOver(slow)], [true, true]);
      await host.write(new TextEncoder().encode("still here"));
      assert.equal(await received(host), "still here");
    }),
);

async function received(connection: Deno.Conn): Promise<string> {
  const bytes = new Uint8Array(100);
  const count = await connection.read(bytes);
  return new TextDecoder().decode(bytes.subarray(0, count ?? 0));
}

/** Waits until the connection is closed, and returns whether it was closed without data. */
async function isOver(connection: Deno.Conn): Promise<boolean> {
  const count = await connection.read(new Uint8Array(1)).catch(() => null);
  return count === null;
}

// Attacker: opens as many connections as its machine can, so that hosts get none.
gatewayTest(
  "a source at its limit of connections is refused until it has closed some",
  () =>
    inFolder(async (folder) => {
      await using temporal = listener();
      const few = haproxyWith((text) =>
        text.replace("gt 2000", "gt 10").replace("timeout client 5s", "timeout client 5m")
      );
      await using gateway = await startGateway({ folder, temporal: temporal.address, exec: few });
      const { right } = await gateway.authority.issueProbes();
      const isAccepted = async () => /ALPN protocol: h2/.test(await asked(gateway, right));
      await until("a connection", isAccepted);
      const port = portOf(gateway.address);
      const connecting = Array.from({ length: 30 }, () => Deno.connect({ port }));
      const tried = await Promise.allSettled(connecting);
      await until("the gateway to be full", async () => !await isAccepted());
      for (const attempt of tried) if (attempt.status === "fulfilled") attempt.value.close();
      await until("a connection", isAccepted);
    }),
);
