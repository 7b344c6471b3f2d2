/** What keeps the gateway's port open to hosts while others keep it busy. */

import assert from "node:assert/strict";
import { inFolder } from "../fakes/system/temporary_folder.ts";
import { until } from "../harness/time/wait.ts";
import {
  asked,
  echo,
  gatewayTest,
  listener,
  mistold,
  portOf,
  startGateway,
} from "./support/gateway.ts";

// Somebody without a certificate opens connections to the port and never says a word.
gatewayTest(
  "a connection that does not begin TLS is cut, and one that was let in may be silent",
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
      assert.equal(await heard(host), "ready");
      using silent = await Deno.connect({ port });
      using slow = await Deno.connect({ port });
      // The first byte of a TLS record, and no more.
      await slow.write(new Uint8Array([0x16]));
      assert.deepEqual([await isOver(silent), await isOver(slow)], [true, true]);
      await host.write(new TextEncoder().encode("still here"));
      assert.equal(await heard(host), "still here");
    }),
);

async function heard(connection: Deno.Conn): Promise<string> {
  const bytes = new Uint8Array(100);
  const count = await connection.read(bytes);
  return new TextDecoder().decode(bytes.subarray(0, count ?? 0));
}

/** Waits for the end of it. */
async function isOver(connection: Deno.Conn): Promise<boolean> {
  const count = await connection.read(new Uint8Array(1)).catch(() => null);
  return count === null;
}

// The same, with as many connections as that machine has ports, so that hosts get none.
gatewayTest(
  "one source has so many connections at once, and then has to end some",
  () =>
    inFolder(async (folder) => {
      await using temporal = listener();
      const few = mistold((text) =>
        text.replace("gt 2000", "gt 10").replace("timeout client 5s", "timeout client 5m")
      );
      await using gateway = await startGateway({ folder, temporal: temporal.address, exec: few });
      const { right } = await gateway.authority.issueProbes();
      const isLetIn = async () => /ALPN protocol: h2/.test(await asked(gateway, right));
      await until("a way in", isLetIn);
      const port = portOf(gateway.address);
      const connecting = Array.from({ length: 30 }, () => Deno.connect({ port }));
      const tried = await Promise.allSettled(connecting);
      await until("the gateway to be full", async () => !await isLetIn());
      for (const attempt of tried) if (attempt.status === "fulfilled") attempt.value.close();
      await until("a way in", isLetIn);
    }),
);
