/** A host that connects to Temporal as the orchestrator does, with other work. */

import type { KeyPair } from "../../../lib/crypto/keys.ts";
import { hostQueue } from "../../../lib/contract/temporal_names.ts";
import { Secret } from "../../../lib/crypto/secret.ts";
import { systemClock } from "../../../lib/system/process.ts";
import { connectHost, type TemporalHost } from "../../../orchestrator/host/temporal.ts";
import type { HostWork } from "../../../orchestrator/host/work.ts";

export interface HostPlace {
  /** Address of Temporal. */
  readonly address: string;
  readonly hostId: string;
  readonly company: KeyPair;
  readonly bigeyePem: string;
  readonly runSlots: number;
}

/** Connects and takes work until it is disposed. */
export async function serveWork(
  { address, hostId, company: { privatePem, publicPem }, bigeyePem, runSlots }: HostPlace,
  work: (workflows: TemporalHost["workflows"]) => HostWork,
): Promise<AsyncDisposable & Pick<TemporalHost, "handBack">> {
  const stop = new AbortController();
  const host = await connectHost({
    temporal: {
      address,
      namespace: "default",
      taskQueue: hostQueue(hostId),
      privateKey: new Secret(privatePem),
      publicPem,
      bigeyePem,
    },
    runSlots,
    clock: systemClock,
    log: () => {},
    signal: stop.signal,
  });
  const workers = await host.start(work(host.workflows));
  const working = workers.run(stop.signal);
  return {
    handBack: host.handBack,
    async [Symbol.asyncDispose]() {
      stop.abort(new Error("the host stops"));
      await working;
      await host.close();
    },
  };
}
