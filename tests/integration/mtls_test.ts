/** A real worker through the real gateway: who is let in, a whole run, and a renewal in the middle of one. */

import assert from "node:assert/strict";
import { openAuthority } from "../../control_plane/certificates/authority.ts";
import type { Identity } from "../../control_plane/certificates/issue.ts";
import { importKey } from "../../lib/crypto/keys.ts";
import { Secret } from "../../lib/crypto/secret.ts";
import { systemClock as clock } from "../../lib/system/process.ts";
import { systemFiles as files } from "../../lib/system/files.ts";
import { connectTemporal } from "../../lib/temporal/connection.ts";
import { connectHost } from "../../orchestrator/host/temporal.ts";
import { GATEWAY_NAME } from "../../templates/certificates.ts";
import { inFolder } from "../fakes/system/temporary_folder.ts";
import { CANCELED, emptyDisk, startFakeHost, SUCCEEDED } from "../harness/temporal/fake_host.ts";
import { gatewayTest, startGateway, type TestGateway } from "./support/gateway.ts";
import { newHostId, sharedWorld, withoutTime } from "./support/over_temporal.ts";

const world = sharedWorld();

/** What became of the first attempt to connect: "let in", or why not. */
async function attempt(
  { address, authority }: TestGateway,
  client?: Identity,
  serverName = GATEWAY_NAME,
): Promise<string> {
  const stop = new AbortController();
  let said = "let in";
  const log = (_: string, message: string, fields: Record<string, unknown> = {}) => {
    said = `${message}: ${fields["error"]}`;
    stop.abort();
  };
  const tls = { serverName, caPem: authority.pem, ...(client && { client }) };
  try {
    const connection = await connectTemporal({ address, tls }, { clock, log, signal: stop.signal });
    await connection.close();
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
  return said;
}

// Whoever reaches the gateway's port with the product's own client: with nothing, with a certificate of
// their own making, and with one that was good once; and a gateway that is somebody else's.
gatewayTest(
  "a worker is let in with a right certificate and with no other",
  () =>
    inFolder(async (folder) => {
      await using gateway = await startGateway({ folder, temporal: world.address });
      const { right, foreign, expired } = await gateway.authority.issueProbes();
      assert.equal(await attempt(gateway, right), "let in");
      for (const client of [undefined, foreign, expired]) {
        assert.match(await attempt(gateway, client), /^temporal is not reachable/);
      }
      assert.match(await attempt(gateway, right, "elsewhere.test"), /^temporal is not reachable/);
    }),
);

gatewayTest(
  "a run goes on while its host's certificate is renewed, and the next one is run with that",
  () =>
    inFolder(async (folder) => {
      const { bigeye, company } = world.keys;
      const hostId = newHostId();
      const stop = new AbortController();
      const common = { folder, temporal: world.address };

      const first = await startGateway(common);
      const { address, authority } = first;
      // A clock that is 30 days behind but for some seconds: the certificate is about to end.
      const monthAgo = { now: () => new Date(Date.now() - 30 * 86_400_000 + 12_000) };
      const old = await openAuthority({ folder, files, clock: monthAgo });
      const soonOver = await old.issueHost("host-1", company.publicPem);
      const over = Date.now() + 12_000;
      const host = await connectHost({
        temporal: {
          address,
          namespace: "default",
          serverName: GATEWAY_NAME,
          caPem: authority.pem,
          clientCertificatePem: soonOver,
          privateKey: new Secret(company.privatePem),
          publicPem: company.publicPem,
          bigeyePem: bigeye.publicPem,
        },
        hostId,
        runSlots: 4,
        clock,
        log: () => {},
        signal: stop.signal,
      });
      const disk = emptyDisk();
      const serving = await startFakeHost({
        workflows: host.workflows,
        start: (work) => host.start(work),
        hostId,
        orderKey: await importKey(bigeye.publicPem, "verify"),
        outcomeKey: await importKey(company.privatePem, "sign"),
        disk,
      });
      const { plane } = world;
      while (Date.now() < over) await clock.sleep(100);
      const long = plane.trigger(hostId, "runs until canceled");
      await disk.log.until(`accepted ${long}`);
      await host.reconnect({
        clientCertificatePem: await authority.issueHost(hostId, company.publicPem),
        caPem: authority.pem,
      }, stop.signal);

      // Every connection has to be made anew, and the old certificate is worth nothing by now.
      await first[Symbol.asyncDispose]();
      await using second = await startGateway({ ...common, address });
      assert.match(
        await attempt(second, { certificatePem: soonOver, privatePem: company.privatePem }),
        /^temporal is not reachable/,
      );
      plane.cancel(long);
      assert.deepEqual(
        withoutTime(await plane.outbox.ended(long)),
        withoutTime(CANCELED),
      );
      const next = plane.trigger(hostId, "succeeds");
      assert.deepEqual(withoutTime(await plane.outbox.ended(next)), withoutTime(SUCCEEDED));
      assert.deepEqual(
        disk.log.events.filter((event) => event.startsWith("run ")),
        [`run ${long} 1`, `run ${next} 1`],
      );
      await serving[Symbol.asyncDispose]();
      await host.close();
    }),
);
