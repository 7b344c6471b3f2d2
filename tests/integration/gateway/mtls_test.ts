/** A real worker through the real gateway: client certificates, and a renewal during a run. */

import assert from "node:assert/strict";
import { openAuthority } from "../../../control_plane/certificates/authority.ts";
import type { Identity } from "../../../control_plane/certificates/issue.ts";
import { hostQueue } from "../../../lib/contract/temporal_names.ts";
import { importKey } from "../../../lib/crypto/keys.ts";
import { Secret } from "../../../lib/crypto/secret.ts";
import { systemClock as clock } from "../../../lib/system/process.ts";
import { systemFiles as files } from "../../../lib/system/files.ts";
import { connectTemporal } from "../../../lib/temporal/connection.ts";
import { connectHost } from "../../../orchestrator/host/temporal.ts";
import { GATEWAY_NAME } from "../../../templates/certificates.ts";
import { inFolder } from "../../fakes/system/temporary_folder.ts";
import { CANCELED, emptyDisk, startFakeHost, SUCCEEDED } from "../../harness/temporal/fake_host.ts";
import { gatewayTest, startGateway, type TestGateway } from "../support/gateway.ts";
import { newHostId, sharedWorld, withoutTime } from "../../harness/temporal/over_temporal.ts";

const world = sharedWorld();

/** Tries to connect once. Returns "connected", or the reason why not. */
async function attempt(
  { address, authority }: TestGateway,
  client?: Identity,
  serverName = GATEWAY_NAME,
): Promise<string> {
  const stop = new AbortController();
  let result = "connected";
  const log = (_: string, message: string, fields: Record<string, unknown> = {}) => {
    result = `${message}: ${fields["error"]}`;
    stop.abort();
  };
  const tls = { serverName, caPem: authority.pem, ...(client && { client }) };
  try {
    const connection = await connectTemporal({ address, tls }, { clock, log, signal: stop.signal });
    await connection.close();
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
  return result;
}

// Attacker: reaches the gateway's port with no certificate, a self-made one, or an expired one; or pretends to
// be the gateway.
gatewayTest(
  "a worker connects with a valid certificate only, and only to the right gateway",
  () =>
    inFolder(async (folder) => {
      await using gateway = await startGateway({ folder, temporal: world.address });
      const { right, foreign, expired } = await gateway.authority.issueProbes();
      assert.equal(await attempt(gateway, right), "connected");
      for (const client of [undefined, foreign, expired]) {
        assert.match(await attempt(gateway, client), /^temporal is not reachable/);
      }
      assert.match(await attempt(gateway, right, "elsewhere.test"), /^temporal is not reachable/);
    }),
);

gatewayTest(
  "a run goes on while its host's certificate is renewed, and the next run uses the new one",
  () =>
    inFolder(async (folder) => {
      const { bigeye, company } = world.keys;
      const hostId = newHostId();
      const stop = new AbortController();
      const common = { folder, temporal: world.address };

      const first = await startGateway(common);
      const { address, authority } = first;
      // A clock that is almost 30 days behind issues a certificate that expires in 20 s.
      const monthAgo = { now: () => new Date(Date.now() - 30 * 86_400_000 + 20_000) };
      const old = await openAuthority({ folder, files, clock: monthAgo });
      const expiring = await old.issueHost("host-1", company.publicPem);
      const over = Date.now() + 20_000;
      const host = await connectHost({
        temporal: {
          address,
          namespace: "default",
          taskQueue: hostQueue(hostId),
          serverName: GATEWAY_NAME,
          caPem: authority.pem,
          clientCertificatePem: expiring,
          privateKey: new Secret(company.privatePem),
          publicPem: company.publicPem,
          bigeyePem: bigeye.publicPem,
        },
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

      // Closes all connections. The old certificate has expired, so that a new connection needs the new one.
      await first[Symbol.asyncDispose]();
      await using second = await startGateway({ ...common, address });
      assert.match(
        await attempt(second, { certificatePem: expiring, privatePem: company.privatePem }),
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
