/** Owns everything of the plane that speaks to Temporal, and brings it back when it fails. */

import { anySignal } from "../lib/any_signal.ts";
import { importKey } from "../lib/keys.ts";
import { signOrder } from "../lib/order.ts";
import type { Clock, Log } from "../lib/ports.ts";
import { reasonOf } from "../lib/problem.ts";
import { createEnvelopeCodec } from "../lib/temporal/codec.ts";
import { connectTemporal, type TemporalServer } from "../lib/temporal/connection.ts";
import { createRunClient } from "../lib/temporal/run_client.ts";
import { runWorkers } from "../lib/temporal/run_workers.ts";
import { createDispatcher, type Dispatcher } from "./dispatch.ts";
import { watchOrphans } from "./orphans.ts";
import type { RunOutbox } from "./store/mod.ts";
import { createPlaneWorker } from "./worker.ts";

export interface TemporalSideNeeds {
  readonly outbox: RunOutbox;
  /** The account's pair, and the company's public key once it is registered; all PEM. */
  readonly account: {
    readonly privatePem: string;
    readonly publicPem: string;
    companyPublicPem(): Promise<string | undefined>;
  };
  readonly temporal: TemporalServer & { readonly namespace: string };
  /** How long a run waits for its host before it ends as `host_unavailable`. */
  readonly hostWaitSeconds: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly workflowBundle: () => Promise<{ code: string }>;
}

export interface TemporalSide {
  /** A run was queued or a cancel asked for; without it either is noticed within 2 s. */
  wake(): void;
  /** Resolves once the signal has aborted and all has stopped; never rejects. */
  readonly done: Promise<void>;
}

const PAUSE_MS = 1_000;

/** Starts at once and never waits for Temporal: without it runs are queued and REST goes on. */
export function startTemporalSide(needs: TemporalSideNeeds): TemporalSide {
  let dispatcher: Dispatcher | undefined;
  const done = keepUp(needs, (next) => dispatcher = next);
  return { wake: () => dispatcher?.wake(), done };
}

async function keepUp(
  needs: TemporalSideNeeds,
  onDispatcher: (dispatcher: Dispatcher | undefined) => void,
): Promise<void> {
  const { clock, log, signal } = needs;
  while (!signal.aborted) {
    try {
      await session(needs, onDispatcher);
    } catch (error) {
      if (signal.aborted) return;
      log("error", "temporal side failed, starting it again", { error: reasonOf(error) });
      await clock.sleep(PAUSE_MS, signal).catch(() => {});
    } finally {
      onDispatcher(undefined);
    }
  }
}

/** From one connection to its end, which is the signal's abort or a failure. */
async function session(
  needs: TemporalSideNeeds,
  onDispatcher: (dispatcher: Dispatcher) => void,
): Promise<void> {
  const { outbox, account, temporal, clock, log, signal } = needs;
  const codec = createEnvelopeCodec({
    privatePem: account.privatePem,
    recipients: async () => {
      const company = await account.companyPublicPem();
      return company === undefined ? [account.publicPem] : [account.publicPem, company];
    },
    clock,
  });
  const signKey = await importKey(account.privatePem, "sign");
  const workflowBundle = await needs.workflowBundle();

  const connection = await connectTemporal(temporal, { clock, log, signal });
  try {
    const { namespace } = temporal;
    const worker = await createPlaneWorker({
      connection,
      namespace,
      codec,
      clock,
      log,
      outbox,
      companyPublicPem: () => account.companyPublicPem(),
      workflowBundle,
    });
    const workflows = createRunClient(connection, { namespace, codec, clock });
    const sign = (order: Parameters<typeof signOrder>[0]) => signOrder(order, signKey);
    const dispatcher = createDispatcher({ ...needs, workflows, sign });
    onDispatcher(dispatcher);

    const over = new AbortController();
    using until = anySignal(signal, over.signal);
    const dispatching = dispatcher.run(until.signal);
    const watching = watchOrphans({ outbox, workflows, clock, log }, until.signal);
    log("info", "temporal worker started", { address: temporal.address });
    try {
      await runWorkers([worker], signal);
    } finally {
      over.abort();
      await Promise.all([dispatching, watching]);
    }
  } finally {
    await connection.close();
  }
}
