/** A Temporal server, a control plane, and fake hosts. */

import { hostQueue } from "../../../lib/contract/temporal_names.ts";
import type { Payload, PayloadCodec } from "@temporalio/common";
import { importKey, type KeyPair } from "../../../lib/crypto/keys.ts";
import { systemClock } from "../../../lib/system/process.ts";
import { createEnvelopeCodec } from "../../../lib/temporal/payloads/codec.ts";
import { createRunClient, type RunClient } from "../../../lib/temporal/run_client.ts";
import { startHostWorkers } from "../../../orchestrator/host/worker.ts";
import { emptyDisk, type HostDisk, startFakeHost } from "./fake_host.ts";
import { KEYS, type Keys, type Plane, startPlane } from "./plane.ts";
import { connected, type ServerOptions, startTemporalServer } from "./server.ts";

export interface FakeHost extends AsyncDisposable {
  readonly client: RunClient;
}

export interface World extends AsyncDisposable {
  readonly address: string;
  readonly keys: Keys;
  readonly plane: Plane;
  /** Stops Temporal before the world ends. */
  stopTemporal(): Promise<void>;
  /** Starts a host. With the disk of an earlier one it continues as the same host. */
  host(hostId: string, disk?: HostDisk): Promise<FakeHost>;
}

export interface WorldOptions extends Pick<ServerOptions, "settings"> {
  readonly hostWaitSeconds?: number | undefined;
}

export function startWorld({ hostWaitSeconds, settings = [] }: WorldOptions = {}): World {
  const server = startTemporalServer(undefined, { settings });
  const plane = startPlane(server.address, KEYS, hostWaitSeconds);
  return {
    address: server.address,
    keys: KEYS,
    plane,
    stopTemporal: async () => await server[Symbol.asyncDispose](),
    host: (hostId, disk = emptyDisk()) => host(server.address, KEYS, { hostId, disk }),
    async [Symbol.asyncDispose]() {
      await plane[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Starts a host with its own connection. Disposing closes both. */
export async function host(
  temporal: Parameters<typeof connected>[0],
  { bigeye, company }: Keys,
  { hostId, disk, signing = company, spoil = (payload) => payload }: {
    readonly hostId: string;
    readonly disk: HostDisk;
    /** The key pair that signs outcomes; default the company's. Another one makes the host a forger. */
    readonly signing?: KeyPair;
    /** Changes each payload of the host before it is encrypted. `undefined` sends the payload unencrypted. */
    readonly spoil?: (payload: Payload) => Payload | undefined;
  },
): Promise<FakeHost> {
  const connection = await connected(temporal);
  const envelopes = createEnvelopeCodec({
    privatePem: company.privatePem,
    recipients: () => Promise.resolve([bigeye.publicPem, company.publicPem]),
    clock: systemClock,
  });
  const codec: PayloadCodec = {
    decode: (payloads) => envelopes.decode(payloads),
    encode: (payloads) =>
      Promise.all(payloads.map(async (payload) => {
        const spoilt = spoil(payload);
        return spoilt ? (await envelopes.encode([spoilt]))[0] ?? payload : payload;
      })),
  };
  const orderKey = await importKey(bigeye.publicPem, "verify");
  const outcomeKey = await importKey(signing.privatePem, "sign");
  const client = createRunClient(connection, { namespace: "default", codec, clock: systemClock });
  const common = {
    connection,
    namespace: "default",
    codec,
    taskQueue: hostQueue(hostId),
    runSlots: 8,
  };
  const started = await startFakeHost({
    workflows: client,
    start: (work) => startHostWorkers({ ...common, work }),
    hostId,
    orderKey,
    outcomeKey,
    disk,
  });
  return {
    client,
    async [Symbol.asyncDispose]() {
      await started[Symbol.asyncDispose]();
      await connection.close();
    },
  };
}
